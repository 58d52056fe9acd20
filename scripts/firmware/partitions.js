// ESP-IDF partition tables: https://docs.espressif.com/projects/esp-idf/en/v6.0/esp32/api-guides/partition-tables.html

/** CONFIG_PARTITION_TABLE_OFFSET, which no board of ours changes, and the first address after the table. */
export const PARTITION_TABLE = 0x8000;
const FIRST = 0x9000;

const TYPES = { app: 0, data: 1 };
const SUBTYPES = {
  app: { factory: 0, ota_0: 0x10, ota_1: 0x11, test: 0x20 },
  data: { ota: 0, phy: 1, nvs: 2, coredump: 3, nvs_keys: 4, efuse: 5, undefined: 6, spiffs: 0x82 },
};
const FLAGS = { encrypted: 1, readonly: 2 };
/** Bytes that a partition's start is a multiple of. */
const ALIGNMENT = { app: 0x10000, data: 0x1000 };

const ENTRY_BYTES = 32;
const ENTRY_MAGIC = 0x50aa;
const END = 0xffff;
const MD5_MAGIC = 0xebeb;

/** A partition table that ESP-IDF, or an update, could not work with; the message says each fault. */
export class PartitionError extends Error {}

/**
 * The lines of a partitions.csv as { name, type, subtype, offset, size, flags }: numbers in bytes, flags a list of names. An empty offset
 * is the next free address. Throws PartitionError at the first line that it cannot read.
 */
export function parsePartitions(csv) {
  const table = [];
  let next = FIRST;
  csv.split(/\r?\n/).forEach((line, index) => {
    if (/^\s*(#|$)/.test(line)) return;
    const [name = "", type = "", subtype = "", offset = "", size = "", flags = ""] = line
      .split(",")
      .map((field) => field.trim());
    const fail = (what) => {
      throw new PartitionError(`partitions.csv, line ${index + 1}: ${what}`);
    };
    if (name === "" || name.length > 15) fail(`"${name}" is not a name of 1 to 15 characters`);
    if (!Object.hasOwn(TYPES, type)) fail(`"${type}" is not one of ${Object.keys(TYPES).join(", ")}`);
    if (!Object.hasOwn(SUBTYPES[type], subtype))
      fail(`"${subtype}" is no subtype of ${type} that is known here`);
    const bytes = numberOf(size) ?? fail(`"${size}" is not a size`);
    const start =
      offset === ""
        ? alignUp(next, ALIGNMENT[type])
        : (numberOf(offset) ?? fail(`"${offset}" is not an address`));
    const names = flags === "" ? [] : flags.split(":");
    for (const flag of names) if (!Object.hasOwn(FLAGS, flag)) fail(`"${flag}" is no flag`);
    next = start + bytes;
    table.push({ name, type, subtype, offset: start, size: bytes, flags: names });
  });
  return table;
}

/** The same from the table that ESP-IDF built. Throws PartitionError where it is none. */
export function parseBinaryTable(bytes) {
  const table = [];
  for (let at = 0; at + ENTRY_BYTES <= bytes.length; at += ENTRY_BYTES) {
    const magic = bytes.readUInt16LE(at);
    if (magic === END || magic === MD5_MAGIC) return table;
    if (magic !== ENTRY_MAGIC) break;
    const type = nameOf(TYPES, bytes[at + 2]);
    const flags = bytes.readUInt32LE(at + 28);
    table.push({
      name: bytes.toString("latin1", at + 12, at + 28).replace(/\0.*$/s, ""),
      type,
      subtype: nameOf(SUBTYPES[type] ?? {}, bytes[at + 3]),
      offset: bytes.readUInt32LE(at + 4),
      size: bytes.readUInt32LE(at + 8),
      flags: Object.keys(FLAGS).filter((name) => flags & FLAGS[name]),
    });
  }
  throw new PartitionError("partition-table.bin is no partition table");
}

/** Throws PartitionError that says all that is wrong with a table for `flash` bytes: what ESP-IDF asks for, and what this firmware does. */
export function checkPartitions(table, flash) {
  const faults = [];
  const ordered = [...table].sort((a, b) => a.offset - b.offset);
  let end = FIRST;
  for (const { name, type, offset, size } of ordered) {
    if (offset < end) faults.push(`${name} at ${hex(offset)} overlaps what ends at ${hex(end)}`);
    if (offset % ALIGNMENT[type] !== 0)
      faults.push(`${name} at ${hex(offset)} is not at a multiple of ${hex(ALIGNMENT[type])}`);
    if (size === 0 || size % 0x1000 !== 0)
      faults.push(`${name} has ${hex(size)} bytes, no whole number of sectors`);
    end = Math.max(end, offset + size);
  }
  if (end > flash) faults.push(`it ends at ${hex(end)}, beyond the flash of ${hex(flash)}`);
  const names = table.map(({ name }) => name);
  if (new Set(names).size !== names.length) faults.push("two partitions have one name");
  const find = (type, subtype) => table.find((it) => it.type === type && it.subtype === subtype);
  const [a, b] = [find("app", "ota_0"), find("app", "ota_1")];
  if (a === undefined || b === undefined) faults.push("it has not two application slots, ota_0 and ota_1");
  else if (a.size !== b.size) faults.push(`ota_0 has ${hex(a.size)} bytes and ota_1 ${hex(b.size)}`);
  if (find("data", "ota")?.size !== 0x2000) faults.push("it has no otadata of 0x2000 bytes");
  if ((find("data", "nvs")?.size ?? 0) < 0x3000) faults.push("it has no nvs of 0x3000 bytes or more");
  const keys = find("data", "nvs_keys");
  if (keys === undefined || keys.size < 0x1000 || !keys.flags.includes("encrypted"))
    faults.push("it has no encrypted nvs_keys of 0x1000 bytes or more");
  const journal = table.find(({ name }) => name === "journal");
  if (journal?.type !== "data" || journal.size < 0x40000)
    faults.push("it has no journal of 0x40000 bytes or more");
  if (faults.length > 0) throw new PartitionError(`partition table: ${faults.join("; ")}`);
}

function numberOf(text) {
  const match = /^(0x[0-9a-f]+|\d+)([km]?)$/i.exec(text);
  if (match === null) return undefined;
  return Number(match[1]) * { "": 1, k: 1024, m: 1024 * 1024 }[match[2].toLowerCase()];
}

const alignUp = (address, to) => Math.ceil(address / to) * to;
const nameOf = (names, value) => Object.keys(names).find((name) => names[name] === value) ?? hex(value);
const hex = (number) => `0x${number.toString(16)}`;
