import { InputError } from "../../agent/input-error.js";
import { IMAGE_MAGIC, readAppImage } from "../flash/app-image.js";
import { CHIPS } from "../flash/chips.js";
import { holdsIdentity, readPartitionTable, TABLE_AT, TABLE_BYTES } from "../flash/partition-table.js";
import type { BuildFiles } from "./make.js";

const SECTOR = 0x1000;

/**
 * The parts of an image of a whole flash, as esptool's merge-bin makes it: bootloader, table, and each partition with something in it. What is
 * blank between them is left out: written, it would erase the identity of the board. Throws InputError.
 */
export function splitMerged(image: Uint8Array, name: string): BuildFiles {
  const table = readPartitionTable(image.subarray(TABLE_AT, TABLE_AT + TABLE_BYTES));
  const chips = Object.values(CHIPS);
  const chip = chips.find(
    ({ id, bootloaderAt }) =>
      image[bootloaderAt] === IMAGE_MAGIC &&
      image[bootloaderAt + 12] === id &&
      image[bootloaderAt + 13] === 0,
  );
  if (table === undefined || chip === undefined)
    throw new InputError(
      `${name}: it is no image of a whole flash of ${chips.map((one) => one.family).join(", ")}`,
    );
  const parts = [
    { file: "bootloader", offset: chip.bootloaderAt, end: TABLE_AT },
    { file: "partition-table", offset: TABLE_AT, end: TABLE_AT + SECTOR },
    ...table.map((partition) => ({
      file: partition.name,
      offset: partition.offset,
      end: partition.offset + partition.size,
    })),
  ].flatMap(({ file, offset, end }) => {
    const data = written(image.subarray(offset, end));
    return data.length === 0 ? [] : [{ path: `${chip.name}/${plain(file)}.bin`, offset, data }];
  });
  const identity = table.filter(holdsIdentity);
  const lost = parts.find(({ offset }) => identity.some((partition) => partition.offset === offset));
  if (lost !== undefined)
    throw new InputError(
      `${name}: it has something in the partition at 0x${lost.offset.toString(16)}, which holds a board's identity: make it of a build, not of a board's flash`,
    );
  const app = parts.find(
    ({ data }) => readAppImage(data)?.project !== undefined && readAppImage(data)?.project !== "",
  );
  if (app === undefined) throw new InputError(`${name}: none of its partitions has an application`);
  return { chipFamily: chip.family, parts };
}

/** Up to the last sector with something in it. */
function written(data: Uint8Array): Uint8Array {
  let end = data.length;
  while (end > 0 && data[end - 1] === 0xff) end--;
  return data.slice(0, Math.min(data.length, Math.ceil(end / SECTOR) * SECTOR));
}

/** A file's name that a bundle's path may have. */
export const plain = (file: string): string => file.replace(/[^A-Za-z0-9_.-]/g, "_").replace(/^[.-]/, "_");
