import { CborWriter } from "../../agent/cbor/writer.js";
import { MAX_FRAME_BYTES } from "../../agent/frame/layout.js";
import { strictly } from "./subtree-wire.js";
import { KEY_BYTES, positionOf } from "./tree.js";

/** Frames that are asked for at once. */
export const MAX_PLACES = 128;
export const MAX_PLACES_BYTES = 4 << 10;
/** Some 0.5 MB. */
export const MAX_FRAMES_BYTES = 8 + MAX_PLACES * (MAX_FRAME_BYTES + 3);

/** `[+ key]`: places, 24 bytes each. */
export function writePlaces(keys: readonly Uint8Array[]): Uint8Array {
  return writeAll(keys, MAX_PLACES_BYTES);
}

/** Undefined for what is no question: a boot or sequence of 2^53 and more is none. */
export function readPlaces(bytes: Uint8Array): Uint8Array[] | undefined {
  const keys = readAll(bytes, MAX_PLACES_BYTES);
  return keys !== undefined && keys.length > 0 && keys.every(isPlace) ? keys : undefined;
}

/** `[* bstr]`, in the question's order; an empty one: it is not here. */
export function writeFrames(frames: readonly (Uint8Array | undefined)[]): Uint8Array {
  return writeAll(
    frames.map((frame) => frame ?? new Uint8Array(0)),
    MAX_FRAMES_BYTES,
  );
}

export function readFrames(bytes: Uint8Array): (Uint8Array | undefined)[] | undefined {
  const frames = readAll(bytes, MAX_FRAMES_BYTES);
  return frames?.map((frame) => (frame.length === 0 ? undefined : frame));
}

function isPlace(key: Uint8Array): boolean {
  if (key.length !== KEY_BYTES) return false;
  const { boot, sequence } = positionOf(key);
  return Number.isSafeInteger(boot) && Number.isSafeInteger(sequence);
}

function writeAll(all: readonly Uint8Array[], limit: number): Uint8Array {
  const writer = new CborWriter(new Uint8Array(limit));
  writer.array(all.length);
  for (const one of all) writer.bytes(one);
  return writer.buffer.slice(0, writer.offset);
}

function readAll(bytes: Uint8Array, limit: number): Uint8Array[] | undefined {
  return strictly(bytes, limit, (reader) => {
    const count = reader.array();
    return count > MAX_PLACES ? undefined : Array.from({ length: count }, () => reader.bytes());
  });
}
