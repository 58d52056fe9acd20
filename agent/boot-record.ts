import { CborError } from "./cbor/error.js";
import { ARRAY } from "./cbor/major.js";
import { CborReader } from "./cbor/reader.js";
import { CborWriter } from "./cbor/writer.js";
import type { Resumption } from "./journal/journal.js";
import type { KeyValue } from "./ports/key-value.js";

const KEY = "boot";
const INT = 9;

/** What a boot makes durable before it signs anything. */
export interface BootRecord {
  /** Boots so far; 0 before the first. */
  readonly boot: number;
  /** Where that boot's journal was to write first; undefined where the record does not say. */
  readonly resumption: Resumption | undefined;
}

/**
 * `[boot, serial, offset]`; or a boot number alone, as given to a device that takes over from an earlier one. Throws CborError that names the key where it
 * is damaged: a counter that was taken for missing would begin anew, and sign other bytes for the same numbers.
 */
export function readBootRecord(store: KeyValue): BootRecord {
  const stored = store.get(KEY);
  if (stored === undefined) return { boot: 0, resumption: undefined };
  try {
    return parse(stored);
  } catch (error) {
    if (!(error instanceof CborError)) throw error;
    const detail = `key "${KEY}" of the key-value store, ${stored.length} bytes, is no boot record`;
    throw new CborError(error.code, error.offset, detail);
  }
}

function parse(stored: Uint8Array): BootRecord {
  const reader = new CborReader(stored);
  const isWhole = reader.peekMajor() === ARRAY;
  if (isWhole && reader.array() !== 3) reader.fail("unexpected", "a boot record has three parts");
  const boot = reader.uint();
  const resumption = isWhole ? { serial: reader.uint(), offset: reader.uint() } : undefined;
  reader.finish();
  return { boot, resumption };
}

/** Durable when it returns. */
export function writeBootRecord(store: KeyValue, boot: number, { serial, offset }: Resumption): void {
  const writer = new CborWriter(new Uint8Array(1 + 3 * INT));
  writer.array(3);
  writer.int(boot);
  writer.int(serial);
  writer.int(offset);
  store.set(KEY, writer.buffer.slice(0, writer.offset));
}
