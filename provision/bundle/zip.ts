import { Inflate } from "fflate";
import { InputError } from "../../agent/input-error.js";

/** A file of a zip, as its directory has it. Nothing is unpacked yet. */
interface Entry {
  readonly method: number;
  /** Of what is packed, in the zip. */
  readonly start: number;
  readonly end: number;
  /** Bytes when it is unpacked, as it says. */
  readonly bytes: number;
}

/** PKWARE APPNOTE 4.3.7, 4.3.12, 4.3.16: signatures, and bytes up to names. */
const LOCAL = 0x04034b50;
const LOCAL_BYTES = 30;
const CENTRAL = 0x02014b50;
const CENTRAL_BYTES = 46;
const END = 0x06054b50;
const END_BYTES = 22;
const MOST_COMMENT = 0xffff;
/** General purpose bits. */
const ENCRYPTED = 1;
const SIZES_FOLLOW = 8;
const STORED = 0;
const DEFLATED = 8;
/** In the place of a size or an offset that stands elsewhere (ZIP64), which no bundle needs. */
const ELSEWHERE = 0xffffffff;
/** Files of a bundle, at most. */
const MOST_FILES = 256;
/** Bytes that are unpacked at once: what comes of them is bounded, 1,032 for one at the most (RFC 1951). */
const PIECE = 4096;

/**
 * The files of a zip, by name. What its directory says is checked before anything is unpacked: files that share bytes, two of one name, sizes that
 * cannot be. A file is unpacked when it is asked for, and no further than it may be. Throws InputError.
 */
export class Zip {
  readonly #bytes: Uint8Array;
  readonly #entries: ReadonlyMap<string, Entry>;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#entries = readDirectory(bytes);
  }

  get names(): readonly string[] {
    return [...this.#entries.keys()];
  }

  /** Undefined where there is no such file. `most`: bytes that it may have. */
  read(name: string, most: number): Uint8Array | undefined {
    const entry = this.#entries.get(name);
    if (entry === undefined) return undefined;
    if (entry.bytes > most)
      throw new InputError(`${name} says that it has ${entry.bytes} bytes, and ${most} are enough`);
    const packed = this.#bytes.subarray(entry.start, entry.end);
    return entry.method === STORED ? packed.slice() : inflated(packed, entry.bytes, name);
  }
}

function readDirectory(bytes: Uint8Array): ReadonlyMap<string, Entry> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const end = endOfDirectory(view);
  const [disk, startDisk] = [view.getUint16(end + 4, true), view.getUint16(end + 6, true)];
  const [onDisk, count] = [view.getUint16(end + 8, true), view.getUint16(end + 10, true)];
  const directory = view.getUint32(end + 16, true);
  if (disk !== 0 || startDisk !== 0 || onDisk !== count) throw new InputError("it is one part of several");
  if (count > MOST_FILES) throw new InputError(`it has ${count} files, more than a bundle`);
  if (directory + view.getUint32(end + 12, true) !== end)
    throw new InputError("its directory is not at its end");
  const entries = new Map<string, Entry>();
  const taken: { readonly name: string; readonly start: number; readonly end: number }[] = [];
  let at = directory;
  for (let i = 0; i < count; i++) {
    if (at + CENTRAL_BYTES > end || view.getUint32(at, true) !== CENTRAL)
      throw new InputError("its directory is damaged");
    const name = textOf(bytes, at + CENTRAL_BYTES, view.getUint16(at + 28, true), end);
    const local = view.getUint32(at + 42, true);
    const entry = readEntry(bytes, view, at, name, directory);
    at +=
      CENTRAL_BYTES +
      view.getUint16(at + 28, true) +
      view.getUint16(at + 30, true) +
      view.getUint16(at + 32, true);
    taken.push({ name, start: local, end: entry.end });
    if (name.endsWith("/")) continue; // a folder
    if (entries.has(name)) throw new InputError(`it has ${name} twice`);
    entries.set(name, entry);
  }
  if (at !== end) throw new InputError("its directory is damaged");
  taken.sort((a, b) => a.start - b.start);
  for (const [i, { name, start }] of taken.entries())
    if (start < (taken[i - 1]?.end ?? 0))
      throw new InputError(`${name} and ${taken[i - 1]?.name} share bytes`);
  return entries;
}

/** Where the record is that ends the directory, and the zip but for a comment. */
function endOfDirectory(view: DataView): number {
  const last = view.byteLength - END_BYTES;
  for (let at = last; at >= 0 && at >= last - MOST_COMMENT; at--)
    if (view.getUint32(at, true) === END && view.getUint16(at + 20, true) === last - at) return at;
  throw new InputError("it has no directory");
}

/** `at`: where the directory has it. */
function readEntry(bytes: Uint8Array, view: DataView, at: number, name: string, limit: number): Entry {
  const fail = (why: string) => new InputError(`${name}: ${why}`);
  const flags = view.getUint16(at + 8, true);
  const method = view.getUint16(at + 10, true);
  const [packed, size] = [view.getUint32(at + 20, true), view.getUint32(at + 24, true)];
  const local = view.getUint32(at + 42, true);
  if ((flags & ENCRYPTED) !== 0) throw fail("it is encrypted");
  if (method !== STORED && method !== DEFLATED) throw fail(`it is packed by method ${method}`);
  if (packed === ELSEWHERE || size === ELSEWHERE || local === ELSEWHERE)
    throw fail("it is larger than a bundle");
  if (local + LOCAL_BYTES > limit || view.getUint32(local, true) !== LOCAL)
    throw fail("it is not where it should be");
  const start = local + LOCAL_BYTES + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
  const end = start + packed;
  if (end > limit) throw fail("it goes beyond the zip");
  const named = textOf(bytes, local + LOCAL_BYTES, view.getUint16(local + 26, true), limit);
  const isSame = view.getUint16(local + 8, true) === method && named === name;
  const follows = (view.getUint16(local + 6, true) & SIZES_FOLLOW) !== 0;
  const isAsLong = view.getUint32(local + 18, true) === packed && view.getUint32(local + 22, true) === size;
  if (!isSame || (!follows && !isAsLong)) throw fail("the directory and the file say different things of it");
  if (method === STORED && packed !== size) throw fail("it is not as long as it says");
  return { method, start, end, bytes: size };
}

function textOf(bytes: Uint8Array, at: number, length: number, limit: number): string {
  if (at + length > limit) throw new InputError("its directory is damaged");
  return new TextDecoder().decode(bytes.subarray(at, at + length));
}

function inflated(packed: Uint8Array, bytes: number, name: string): Uint8Array {
  const out = new Uint8Array(bytes);
  let length = 0;
  const inflate = new Inflate((part) => {
    if (length + part.length > bytes) throw new InputError(`${name} is longer than it says`);
    out.set(part, length);
    length += part.length;
  });
  for (let at = 0; ; at += PIECE) {
    const isLast = at + PIECE >= packed.length;
    inflate.push(packed.subarray(at, at + PIECE), isLast);
    if (isLast) break;
  }
  if (length !== bytes) throw new InputError(`${name} is shorter than it says`);
  return out;
}
