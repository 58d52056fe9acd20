import { writeAppImage } from "../../provision/flash/app-image.js";
import {
  DATA_NVS,
  type Partition,
  readPartitionTable,
  TABLE_AT,
  TABLE_BYTES,
  TYPE_DATA,
  writePartitionTable,
} from "../../provision/flash/partition-table.js";
import type { ChipModel } from "./rom/chips.js";
import type { FlashChip } from "./rom/flash-chip.js";
import { PARTITIONS } from "./rom/sample-build.js";

/** What Fieldmark's application calls itself in its image. */
export const PROJECT = "fieldmark";
const JOURNAL = "journal";
const APP_AT = 0x20000;
const MARK = Uint8Array.of(0x66, 0x6d, 0x0a, 0x00);

/** Writes what a board has that was flashed before: a bootloader, the table, and an application that stands for the agent. */
export function preflash(flash: FlashChip, { id, bootloaderAt }: ChipModel, version: string): void {
  const put = (at: number, bytes: Uint8Array) => {
    flash.erase(at, bytes.length);
    flash.program(at, bytes);
  };
  put(bootloaderAt, writeAppImage({ chip: id, project: "", version: "" }, new Uint8Array(64)));
  put(TABLE_AT, writePartitionTable(PARTITIONS));
  put(APP_AT, writeAppImage({ chip: id, project: PROJECT, version }, new Uint8Array(1024).fill(0x5a)));
}

/**
 * Whether the partition was erased since `markPartition` last said that it is in use: what a simulated board keeps there is in files, and
 * goes when the tools erase it. A table without it: nothing is known.
 */
export function isErased(flash: FlashChip, which: "nvs" | "journal"): boolean {
  const partition = find(flash, which);
  if (partition === undefined) return false;
  const { offset } = partition;
  return MARK.some((byte, i) => flash.bytes[offset + i] !== byte);
}

export function markPartition(flash: FlashChip, which: "nvs" | "journal"): void {
  const partition = find(flash, which);
  if (partition === undefined) return;
  flash.erase(partition.offset, MARK.length);
  flash.program(partition.offset, MARK);
}

function find(flash: FlashChip, which: "nvs" | "journal"): Partition | undefined {
  const table = readPartitionTable(flash.bytes.subarray(TABLE_AT, TABLE_AT + TABLE_BYTES));
  return table?.find(({ name, type, subtype }) =>
    which === "nvs" ? type === TYPE_DATA && subtype === DATA_NVS : name === JOURNAL,
  );
}
