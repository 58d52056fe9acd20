import { CborError } from "../../agent/cbor/error.js";
import { ARRAY } from "../../agent/cbor/major.js";
import { CborReader } from "../../agent/cbor/reader.js";
import { CborWriter } from "../../agent/cbor/writer.js";
import { DIGEST_BYTES } from "../../agent/frame/layout.js";
import { MAX_QUERIES } from "./reconcile.js";
import type { Prefix, Shape } from "./subtree.js";
import { KEY_BITS, KEY_BYTES } from "./tree.js";

/** Nodes from a prefix down that an answer shows. */
export const SHOWN_DEPTH = 3;
/** A question and an answer, at most: 256 prefixes, and for each 7 nodes over 8 leaves. */
export const MAX_QUESTION_BYTES = 8 << 10;
export const MAX_SUBTREES_BYTES = 256 << 10;

/** `[+ [bits, key]]`: of a key as many bytes as have those bits; what is left of the last is zero. */
export function writeQuestion(prefixes: readonly Prefix[]): Uint8Array {
  const writer = new CborWriter(new Uint8Array(MAX_QUESTION_BYTES));
  writer.array(prefixes.length);
  for (const { key, bits } of prefixes) {
    writer.array(2);
    writer.int(bits);
    writer.bytes(cut(key, bits));
  }
  return writer.buffer.slice(0, writer.offset);
}

/** Undefined for what is no question. */
export function readQuestion(bytes: Uint8Array): Prefix[] | undefined {
  return strictly(bytes, MAX_QUESTION_BYTES, (reader) => {
    const count = reader.array();
    if (count === 0 || count > MAX_QUERIES) return undefined;
    const prefixes: Prefix[] = [];
    for (let at = 0; at < count; at++) {
      if (reader.array() !== 2) return undefined;
      const bits = reader.uint();
      const said = reader.bytes();
      if (bits > KEY_BITS || said.length !== Math.ceil(bits / 8)) return undefined;
      const key = new Uint8Array(KEY_BYTES);
      key.set(said);
      if (cut(key, bits).some((byte, index) => byte !== said[index])) return undefined;
      prefixes.push({ key, bits });
    }
    return prefixes;
  });
}

/** `[* (shape / [])]`, in the question's order; `[]`: nothing is there. */
export function writeShapes(shapes: readonly (Shape | undefined)[]): Uint8Array {
  const writer = new CborWriter(new Uint8Array(MAX_SUBTREES_BYTES));
  writer.array(shapes.length);
  for (const shape of shapes)
    if (shape === undefined) writer.array(0);
    else writeShape(shape, writer);
  return writer.buffer.slice(0, writer.offset);
}

/** Undefined for what is no answer, or one with more levels than are shown. */
export function readShapes(bytes: Uint8Array): (Shape | undefined)[] | undefined {
  return strictly(bytes, MAX_SUBTREES_BYTES, (reader) => {
    const count = reader.array();
    if (count > MAX_QUERIES) return undefined;
    return Array.from({ length: count }, () => readShape(reader, SHOWN_DEPTH));
  });
}

function writeShape(shape: Shape, writer: CborWriter): void {
  if (shape.kind === "cut") {
    writer.bytes(shape.hash);
    return;
  }
  writer.array(shape.kind === "leaf" ? 2 : 4);
  writer.bytes(shape.key);
  if (shape.kind === "leaf") {
    writer.bytes(shape.digest);
    return;
  }
  writer.int(shape.bit);
  writeShape(shape.left, writer);
  writeShape(shape.right, writer);
}

/** Throws CborError for what is none; undefined: nothing is there, which is said at the top alone. */
function readShape(reader: CborReader, depth: number): Shape | undefined {
  if (reader.peekMajor() !== ARRAY) return { kind: "cut", hash: sized(reader, DIGEST_BYTES) };
  const length = reader.array();
  if (length === 0 && depth === SHOWN_DEPTH) return undefined;
  if (length !== 2 && (length !== 4 || depth === 0)) reader.fail("unexpected", "this is no subtree");
  const key = sized(reader, KEY_BYTES);
  if (length === 2) return { kind: "leaf", key, digest: sized(reader, DIGEST_BYTES) };
  const bit = reader.uint();
  const left = readShape(reader, depth - 1) as Shape;
  return { kind: "node", key, bit, left, right: readShape(reader, depth - 1) as Shape };
}

function sized(reader: CborReader, length: number): Uint8Array {
  const bytes = reader.bytes();
  if (bytes.length !== length) reader.fail("unexpected", `not ${length} bytes`);
  return bytes;
}

/** The first bits of a key, and zeros to the end of their last byte. */
function cut(key: Uint8Array, bits: number): Uint8Array {
  const bytes = key.slice(0, Math.ceil(bits / 8));
  const rest = bits & 7;
  const last = bytes.length - 1;
  if (rest > 0) bytes[last] = (bytes[last] as number) & (0xff00 >> rest);
  return bytes;
}

/** What `read` makes of bytes that it must read to the end; undefined where they are another thing. */
export function strictly<T>(
  bytes: Uint8Array,
  limit: number,
  read: (reader: CborReader) => T | undefined,
): T | undefined {
  if (bytes.length > limit) return undefined;
  try {
    const reader = new CborReader(bytes);
    const value = read(reader);
    if (value !== undefined) reader.finish();
    return value;
  } catch (error) {
    if (error instanceof CborError) return undefined;
    throw error;
  }
}
