// What a browser or esptool writes to a board: collects it from an ESP-IDF build folder into dist/firmware/<board>/.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { checkPartitions, PARTITION_TABLE, parseBinaryTable, parsePartitions } from "./partitions.js";

/** First byte of a bootloader and of an application (ESP-IDF, "App image format"). */
const IMAGE_MAGIC = 0xe9;

/** The build is not what the board's partition table asks for. */
export class ImageError extends Error {}

/**
 * The files of dist/firmware/<board>/, as { name: Buffer }. It reads `build`, the folder that idf.py built in, and writes nothing.
 * `chip`: of provision/flash/chips.json. `partitions`: the text of partitions.csv. `flash`: bytes of the board's flash.
 * manifest.json is what ESP Web Tools reads, with the size and SHA-256 of each part beside. Its parts leave out the key's and the
 * journal's partitions, so a board that is written again stays the device that it was. merged.bin, from address 0, does not: it is for new boards.
 */
export function firmwareImages({ build, chip, partitions, flash, name, version }) {
  const { family, bootloaderAt } = chip;
  const table = parsePartitions(partitions);
  checkPartitions(table, flash);
  const find = (type, subtype) => table.find((it) => it.type === type && it.subtype === subtype);
  const app = find("app", "ota_0");
  const parts = [
    {
      path: "bootloader.bin",
      from: "bootloader/bootloader.bin",
      offset: bootloaderAt,
      room: PARTITION_TABLE - bootloaderAt,
    },
    {
      path: "partition-table.bin",
      from: "partition_table/partition-table.bin",
      offset: PARTITION_TABLE,
      room: 0x1000,
    },
    { path: "ota-data.bin", from: "ota_data_initial.bin", ...place(find("data", "ota")) },
    { path: "fieldmark.bin", from: "xs_esp32.bin", ...place(app) },
  ].map(({ from, ...part }) => ({ ...part, content: readPart(build, from) }));

  for (const { path, content, room } of parts)
    if (content.length > room) throw new ImageError(`${path}: ${content.length} bytes do not fit in ${room}`);
  for (const { path, content } of [parts[0], parts[3]])
    if (content[0] !== IMAGE_MAGIC) throw new ImageError(`${path} is no image of ESP-IDF's`);
  const built = parseBinaryTable(parts[1].content);
  if (JSON.stringify(built) !== JSON.stringify(table))
    throw new ImageError("partition-table.bin was not built from this partitions.csv");
  checkOffsets(build, parts);

  const merged = merge(parts);
  const manifest = {
    name,
    version,
    // Where the browser finds no Improv it would else erase all, the device's key too, without asking.
    new_install_prompt_erase: false,
    new_install_skip_erase: true,
    builds: [{ chipFamily: family, parts: parts.map(describe) }],
    merged: describe({ path: "merged.bin", offset: 0, content: merged }),
    applicationRoom: app.size,
  };
  return {
    ...Object.fromEntries(parts.map(({ path, content }) => [path, content])),
    "merged.bin": merged,
    "manifest.json": Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`),
  };
}

const place = ({ offset, size }) => ({ offset, room: size });

function describe({ path, offset, content }) {
  const sha256 = createHash("sha256").update(content).digest("hex");
  return { path, offset, size: content.length, sha256 };
}

function readPart(build, from) {
  try {
    return readFileSync(join(build, from));
  } catch (error) {
    if (error.code !== "ENOENT") throw error;
    throw new ImageError(`${from} is not in ${build}: the build is not complete`);
  }
}

/** ESP-IDF says itself where it would write its files. */
function checkOffsets(build, parts) {
  let said;
  try {
    said = JSON.parse(readFileSync(join(build, "flasher_args.json"), "utf8")).flash_files;
  } catch (error) {
    if (error.code === "ENOENT") return;
    throw error;
  }
  const theirs = Object.keys(said)
    .map(Number)
    .sort((a, b) => a - b);
  const ours = parts.map(({ offset }) => offset).sort((a, b) => a - b);
  if (theirs.join() !== ours.join())
    throw new ImageError(`ESP-IDF would write at ${theirs.map(hex)}, not at ${ours.map(hex)}`);
}

const hex = (number) => `0x${number.toString(16)}`;

/** One image from address 0; what lies between the parts is 0xff, as erased flash is. */
function merge(parts) {
  const merged = Buffer.alloc(Math.max(...parts.map(({ offset, content }) => offset + content.length)), 0xff);
  for (const { offset, content } of parts) content.copy(merged, offset);
  return merged;
}
