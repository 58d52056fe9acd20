import { CborError } from "./cbor/error.js";
import { ARRAY } from "./cbor/major.js";
import { CborReader } from "./cbor/reader.js";
import { CborWriter } from "./cbor/writer.js";
import { isSameBytes } from "./cose/kid.js";
import { KID_BYTES } from "./frame/layout.js";
import type { Resumption } from "./journal/journal.js";
import type { KeyValue } from "./ports/key-value.js";

const KEY = "boot";
const INT = 9;
/** In the place of a kid: boots of a key that is gone, of which nothing more is known. */
const UNKNOWN = new Uint8Array(0);

/** What a boot makes durable before it signs anything. */
export interface BootRecord {
  /** Boots so far; 0 before the first. */
  readonly boot: number;
  /** Where that boot's journal was to write first; undefined where the record does not say. */
  readonly resumption: Resumption | undefined;
  /** Whose boots they are: empty where that key is gone and was not written down; undefined where the record does not say. */
  readonly kid: Uint8Array | undefined;
}

/**
 * `[boot, serial, offset, kid]`; earlier firmware wrote no kid. Or a boot number alone, as given to
 * a device that takes over from an earlier one. Throws CborError that names the key where it is
 * damaged: a counter that was taken for missing would start over, and sign other bytes for the same
 * numbers. `own`: the array that `kid` is where it has the same bytes, since one more costs a board
 * RAM.
 */
export function readBootRecord(store: KeyValue, own?: Uint8Array): BootRecord {
  const stored = store.get(KEY);
  if (stored === undefined) return { boot: 0, resumption: undefined, kid: undefined };
  try {
    return parse(stored, own);
  } catch (error) {
    if (!(error instanceof CborError)) throw error;
    const detail = `key "${KEY}" of the key-value store, ${stored.length} bytes, is no boot record`;
    throw new CborError(error.code, error.offset, detail);
  }
}

function parse(stored: Uint8Array, own: Uint8Array | undefined): BootRecord {
  const reader = new CborReader(stored);
  const isWhole = reader.peekMajor() === ARRAY;
  const parts = isWhole ? reader.array() : 1;
  if (isWhole && parts !== 3 && parts !== 4)
    reader.fail("unexpected", "a boot record has three parts, or four");
  const boot = reader.uint();
  const resumption = isWhole ? { serial: reader.uint(), offset: reader.uint() } : undefined;
  let kid = parts === 4 ? reader.bytes() : undefined;
  if (kid !== undefined && kid.length !== KID_BYTES && kid.length !== UNKNOWN.length)
    reader.fail("unexpected", `a kid has ${KID_BYTES} bytes`);
  reader.finish();
  if (kid !== undefined) kid = own !== undefined && isSameBytes(kid, own) ? own : kid.slice();
  return { boot, resumption, kid };
}

/** Durable when it returns. */
export function writeBootRecord(
  store: KeyValue,
  boot: number,
  { serial, offset }: Resumption,
  kid: Uint8Array,
): void {
  const writer = new CborWriter(new Uint8Array(1 + 3 * INT + 1 + KID_BYTES));
  writer.array(4);
  writer.int(boot);
  writer.int(serial);
  writer.int(offset);
  writer.bytes(kid);
  store.set(KEY, writer.buffer.slice(0, writer.offset));
}

/** To be called where a key is made: a record that does not say whose boots it counts is not that key's. */
export function disownBootRecord(store: KeyValue): void {
  const { boot, resumption, kid } = readBootRecord(store);
  if (boot > 0 && kid === undefined)
    writeBootRecord(store, boot, resumption ?? { serial: 0, offset: 0 }, UNKNOWN);
}

/** The next boot is the first. */
export function forgetBootRecord(store: KeyValue): void {
  store.delete(KEY);
}
