import { md5 } from "@noble/hashes/legacy.js";

/** Where ESP-IDF keeps the table, unless it was built otherwise, and the bytes that it may take. */
export const TABLE_AT = 0x8000;
export const TABLE_BYTES = 0xc00;

export const TYPE_APP = 0;
export const TYPE_DATA = 1;
/** Subtypes. */
export const APP_FACTORY = 0x00;
export const APP_OTA_0 = 0x10;
export const DATA_OTA = 0x00;
export const DATA_NVS = 0x02;
export const DATA_NVS_KEYS = 0x04;

const ENTRY = 32;
const MAGIC = 0x50aa;
/** Of the entry after the last, whose second half is MD5 of all before it. */
const MD5_MAGIC = 0xebeb;

export interface Partition {
  readonly name: string;
  readonly type: number;
  readonly subtype: number;
  readonly offset: number;
  readonly size: number;
}

/**
 * Reads a partition table as ESP-IDF's gen_esp32part.py writes it: entries of 32 bytes (aa 50, type, subtype, offset, size,
 * name of 16 bytes, flags; little-endian), and MD5 of them. Undefined where there is none: no entry, or a digest that is wrong.
 */
export function readPartitionTable(bytes: Uint8Array): readonly Partition[] | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const partitions: Partition[] = [];
  for (let at = 0; at + ENTRY <= Math.min(bytes.length, TABLE_BYTES); at += ENTRY) {
    const magic = view.getUint16(at, true);
    if (magic === 0xffff) return partitions.length > 0 ? partitions : undefined;
    if (magic === MD5_MAGIC) {
      const digest = bytes.subarray(at + 16, at + ENTRY);
      return md5(bytes.subarray(0, at)).every((byte, i) => byte === digest[i]) ? partitions : undefined;
    }
    if (magic !== MAGIC) return undefined;
    const name = bytes.subarray(at + 12, at + 28);
    const end = name.indexOf(0);
    partitions.push({
      name: String.fromCharCode(...(end < 0 ? name : name.subarray(0, end))),
      type: view.getUint8(at + 2),
      subtype: view.getUint8(at + 3),
      offset: view.getUint32(at + 4, true),
      size: view.getUint32(at + 8, true),
    });
  }
  return partitions.length > 0 ? partitions : undefined;
}

/** The reverse, for what makes bundles: TABLE_BYTES long. */
export function writePartitionTable(partitions: readonly Partition[]): Uint8Array {
  const bytes = new Uint8Array(TABLE_BYTES).fill(0xff);
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const { name, type, subtype, offset, size } of partitions) {
    view.setUint16(at, MAGIC, true);
    bytes.set([type, subtype], at + 2);
    view.setUint32(at + 4, offset, true);
    view.setUint32(at + 8, size, true);
    bytes.fill(0, at + 12, at + ENTRY);
    for (let i = 0; i < Math.min(name.length, 15); i++) bytes[at + 12 + i] = name.charCodeAt(i);
    at += ENTRY;
  }
  view.setUint16(at, MD5_MAGIC, true);
  bytes.set(md5(bytes.subarray(0, at)), at + 16);
  return bytes;
}

/** A partition without which a board is no longer itself: the one with its identity key, or that with the key to read it. */
export function holdsIdentity({ type, subtype }: Partition): boolean {
  return type === TYPE_DATA && (subtype === DATA_NVS || subtype === DATA_NVS_KEYS);
}

/** Of Fieldmark's frames that wait (partitions.csv of the manifests). */
export function isJournal({ type, name }: Partition): boolean {
  return type === TYPE_DATA && name === "journal";
}
