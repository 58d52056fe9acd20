import { CborError } from "./error.js";
import { ARRAY, BYTES, MAP, TAG, TAG_DECIMAL, TAG_SIGN1, TEXT } from "./major.js";
import { CborReader } from "./reader.js";
import { utf8Length } from "./utf8.js";
import { CborWriter } from "./writer.js";

/** mantissa × 10^exponent; exponent is 0 or negative, and 0 where the value is an integer. */
export interface Decimal {
  readonly mantissa: number;
  readonly exponent: number;
}

export type CborKey = number | string;
export type CborValue = number | string | Uint8Array | CborValue[] | Map<CborKey, CborValue> | CborTagged;

export class CborTagged {
  constructor(
    readonly tag: number,
    readonly value: CborValue,
  ) {}
}

export interface DecodeLimits {
  /** Items inside items, the outermost counted as 1. */
  depth?: number;
  /** Length of the whole input in bytes. */
  bytes?: number;
}

const DEFAULT_DEPTH = 16;
const DEFAULT_BYTES = 65536;

/**
 * Decodes one item that is the whole of `input`, strictly (see CborReader). For tools and configuration;
 * frames are read in place by frame/parse.ts. Throws CborError.
 */
export function decodeCbor(input: Uint8Array, limits: DecodeLimits = {}): CborValue {
  const bytes = limits.bytes ?? DEFAULT_BYTES;
  if (input.length > bytes) throw new CborError("too-large", 0, `more than ${bytes} bytes`);
  const reader = new CborReader(input);
  const value = readValue(reader, limits.depth ?? DEFAULT_DEPTH);
  reader.finish();
  return value;
}

function readValue(reader: CborReader, depth: number): CborValue {
  if (depth === 0) throw new CborError("too-deep", reader.offset, "items are nested too deeply");
  switch (reader.peekMajor()) {
    case BYTES:
      return reader.bytes();
    case TEXT:
      return reader.text();
    case ARRAY: {
      const items: CborValue[] = [];
      for (let left = reader.array(); left > 0; left--) items.push(readValue(reader, depth - 1));
      return items;
    }
    case MAP:
      return readMap(reader, depth);
    case TAG: {
      const tag = reader.tag();
      if (tag !== TAG_DECIMAL && tag !== TAG_SIGN1) reader.fail("unsupported-tag", `tag ${tag} is not used`);
      return new CborTagged(tag, readValue(reader, depth - 1));
    }
    default:
      return reader.int(); // which refuses simple values and floats by name
  }
}

function readMap(reader: CborReader, depth: number): Map<CborKey, CborValue> {
  const map = new Map<CborKey, CborValue>();
  let previous: Uint8Array | undefined;
  for (let left = reader.map(); left > 0; left--) {
    const start = reader.offset;
    const key = readValue(reader, depth - 1);
    if (typeof key !== "number" && typeof key !== "string")
      throw new CborError("unexpected", start, "map keys are integers or text here");
    const encoded = reader.input.subarray(start, reader.offset);
    const order = previous === undefined ? -1 : compareBytes(previous, encoded);
    if (order === 0) throw new CborError("duplicate-key", start, "the same key twice in a map");
    if (order > 0) throw new CborError("unsorted-keys", start, "map keys out of order");
    previous = encoded;
    map.set(key, readValue(reader, depth - 1));
  }
  return map;
}

/** Writes any value deterministically; map keys are sorted here. Throws CborError. */
export function encodeCbor(value: CborValue, writer: CborWriter): void {
  if (typeof value === "number") writer.int(value);
  else if (typeof value === "string") writer.text(value);
  else if (value instanceof Uint8Array) writer.bytes(value);
  else if (Array.isArray(value)) {
    writer.array(value.length);
    for (const item of value) encodeCbor(item, writer);
  } else if (value instanceof CborTagged) {
    writer.tag(value.tag);
    encodeCbor(value.value, writer);
  } else {
    writer.map(value.size);
    const keys = [...value.keys()].map((key) => ({ key, bytes: encodeKey(key) }));
    keys.sort((a, b) => compareBytes(a.bytes, b.bytes));
    for (const { key } of keys) {
      encodeCbor(key, writer);
      encodeCbor(value.get(key) as CborValue, writer);
    }
  }
}

function encodeKey(key: CborKey): Uint8Array {
  const writer = new CborWriter(new Uint8Array(typeof key === "string" ? 9 + utf8Length(key) : 9));
  encodeCbor(key, writer);
  return writer.buffer.subarray(0, writer.offset);
}

/** Bytewise lexicographic order: negative, 0 or positive. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const difference = (a[i] as number) - (b[i] as number);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}
