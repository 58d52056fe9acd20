import { CborError, isNonCanonical } from "../cbor/error.js";
import { BYTES, TAG_SIGN1 } from "../cbor/major.js";
import { CborReader } from "../cbor/reader.js";
import { hex } from "../cose/kid.js";
import { CLOCK_SET, type ClockState, type DroppedRange, type Position, saysConfiguration } from "./chain.js";
import { expectKey } from "./key-order.js";
import * as wire from "./layout.js";
import { isNetworkName } from "./name.js";
import { PackReader, Readings } from "./pack.js";

/**
 * A frame that is well-formed; nothing is said of its signature yet. Byte arrays are views of the
 * input, and readings are read from it: who keeps a frame keeps the input, and changes none of it.
 */
export interface Frame extends Position {
  readonly bytes: Uint8Array;
  readonly kid: Uint8Array;
  readonly network: string;
  readonly prev: Uint8Array;
  readonly uptime: number;
  readonly clock: ClockState;
  /** Base time in Unix seconds; undefined where the clock was not set. */
  readonly time: number | undefined;
  /** How the sensors were configured in this boot, in hex: where the frame says it (saysConfiguration). */
  readonly configuration: string | undefined;
  readonly dropped: readonly DroppedRange[];
  readonly readings: Readings;
  readonly signature: Uint8Array;
  /** Offset in `bytes` just before the signature's byte string: what is signed ends here. */
  readonly signedEnd: number;
  /** Offset in `bytes` of the empty unprotected header. */
  readonly unprotectedAt: number;
}

export interface ParseFailure {
  readonly verdict: "malformed" | "non-canonical" | "high-s";
  /** What is wrong, for people. */
  readonly detail: string;
  /** Where, as an offset in the input. */
  readonly offset: number;
}

export type ParseResult = { readonly frame: Frame } | { readonly failure: ParseFailure };

/** Reads the one frame that is the whole of `bytes`, strictly. Never throws for any bytes. */
export function parseFrame(bytes: Uint8Array): ParseResult {
  try {
    refuseLonger(bytes.length, 0);
    const reader = new CborReader(bytes);
    const frame = readFrame(reader);
    reader.finish();
    if (isHighS(frame.signature)) {
      const offset = bytes.length - wire.SIGNATURE_BYTES / 2;
      return { failure: { verdict: "high-s", detail: "s is above half the group order", offset } };
    }
    return { frame };
  } catch (error) {
    if (!(error instanceof CborError)) throw error;
    const verdict = isNonCanonical(error.code) ? "non-canonical" : "malformed";
    return { failure: { verdict, detail: error.message, offset: error.offset } };
  }
}

/**
 * Reads one frame of a CBOR sequence (RFC 8742) at the reader's offset and leaves it after the frame.
 * Throws CborError; `truncated` where more bytes may make it whole.
 */
export function readFrame(reader: CborReader): Frame {
  const start = reader.offset;
  if (reader.tag() !== TAG_SIGN1) reader.fail("unexpected", "a frame starts with tag 18 (COSE_Sign1)");
  if (reader.array() !== 4) reader.fail("unexpected", "a COSE_Sign1 has 4 parts");
  const header = readProtected(reader);
  const unprotectedAt = reader.offset;
  if (reader.map() !== 0) reader.fail("unexpected", "the unprotected header is empty");
  const outer = reader.enter();
  const packAt = reader.offset;
  const pack = new PackReader(reader, header.clock);
  let count = 0;
  while (pack.next()) count++;
  reader.leave(outer);
  const signedEnd = reader.offset;
  const signature = reader.bytes();
  if (signature.length !== wire.SIGNATURE_BYTES) reader.fail("unexpected", "a signature has 64 bytes");
  refuseLonger(reader.offset - start, start);
  const bytes = reader.input.subarray(start, reader.offset);
  // Named one by one: spreading takes V8 four times as long as all the rest of the parse.
  return {
    kid: header.kid,
    network: header.network,
    boot: header.boot,
    sequence: header.sequence,
    prev: header.prev,
    uptime: header.uptime,
    clock: header.clock,
    configuration: header.configuration,
    dropped: header.dropped,
    time: pack.time,
    readings: new Readings(bytes, packAt - start, signedEnd - start, header.clock, count),
    signature,
    bytes,
    signedEnd: signedEnd - start,
    unprotectedAt: unprotectedAt - start,
  };
}

function refuseLonger(length: number, start: number): void {
  if (length <= wire.MAX_FRAME_BYTES) return;
  const detail = `a frame has at most ${wire.MAX_FRAME_BYTES} bytes, not ${length}`;
  throw new CborError("too-large", start, detail);
}

function readProtected(reader: CborReader) {
  const outer = reader.enter();
  if (reader.map() !== 5) reader.fail("unexpected", "the protected header has 5 entries");
  expectKey(reader, wire.HEADER_ALG, "alg", HEADER_KEYS);
  if (reader.int() !== wire.ALG_ES256K) reader.fail("unexpected", "alg is -47 (ES256K)");
  expectKey(reader, wire.HEADER_CONTENT_TYPE, "content type", HEADER_KEYS);
  if (reader.int() !== wire.CONTENT_TYPE_SENML_CBOR)
    reader.fail("unexpected", "content type is 112 (application/senml+cbor)");
  expectKey(reader, wire.HEADER_KID, "kid", HEADER_KEYS);
  const kid = readSized(reader, wire.KID_BYTES, "kid");
  expectKey(reader, wire.HEADER_CWT_CLAIMS, "CWT claims", HEADER_KEYS);
  if (reader.map() !== 1) reader.fail("unexpected", "one CWT claim");
  if (reader.int() !== wire.CLAIM_AUD) reader.fail("unexpected", "the claim is 3 (aud)");
  const network = reader.text();
  if (!isNetworkName(network)) reader.fail("unexpected", "not a network name");
  expectKey(reader, wire.HEADER_CHAIN, "chain", HEADER_KEYS);
  const parts = reader.array();
  if (parts < 5 || parts > 7) reader.fail("unexpected", "the chain has 5 to 7 parts");
  const boot = reader.uint();
  const sequence = reader.uint();
  const prev = readSized(reader, wire.PREV_BYTES, "prev");
  const uptime = reader.uint();
  const clock = reader.uint();
  if (clock > CLOCK_SET) reader.fail("unexpected", "the clock state is 0, 1 or 2");
  let left = parts - 5;
  let configuration: string | undefined;
  if (left > 0 && reader.peekMajor() === BYTES) {
    configuration = hex(readSized(reader, wire.CONFIGURATION_BYTES, "configuration"));
    left--;
  }
  const dropped = left > 0 ? readDropped(reader, boot, sequence) : NONE_DROPPED;
  if (left > 1) reader.fail("unexpected", "the chain ends with the dropped ranges");
  if ((configuration !== undefined) !== saysConfiguration({ boot, sequence }, dropped))
    reader.fail(
      "unexpected",
      "a configuration stands in a boot's first frame, in one that declares that frame lost, and in no other",
    );
  reader.leave(outer);
  return { kid, network, boot, sequence, prev, uptime, clock: clock as ClockState, configuration, dropped };
}

const NONE_DROPPED: readonly DroppedRange[] = [];

/** Ranges in the order of signing, apart from each other, all before this frame. */
function readDropped(reader: CborReader, boot: number, sequence: number): DroppedRange[] {
  const count = reader.array();
  if (count === 0) reader.fail("unexpected", "no ranges dropped: the list is left out then");
  if (count > wire.MAX_DROPPED_RANGES)
    reader.fail("too-large", `at most ${wire.MAX_DROPPED_RANGES} dropped ranges`);
  const ranges: DroppedRange[] = [];
  let previous: DroppedRange | undefined;
  for (let left = count; left > 0; left--) {
    if (reader.array() !== 3) reader.fail("unexpected", "a dropped range has 3 parts");
    const range = { boot: reader.uint(), first: reader.uint(), last: reader.uint() };
    const ordered =
      previous === undefined ||
      range.boot > previous.boot ||
      (range.boot === previous.boot && range.first > previous.last + 1);
    const past = range.boot < boot || (range.boot === boot && range.last < sequence);
    if (range.first > range.last || !ordered || !past)
      reader.fail("unexpected", "a dropped range that is reversed, out of order, or not in the past");
    ranges.push(range);
    previous = range;
  }
  return ranges;
}

function readSized(reader: CborReader, length: number, what: string): Uint8Array {
  const bytes = reader.bytes();
  if (bytes.length !== length) reader.fail("unexpected", `${what} has ${length} bytes, not ${bytes.length}`);
  return bytes;
}

const HEADER_KEYS = [
  wire.HEADER_ALG,
  wire.HEADER_CONTENT_TYPE,
  wire.HEADER_KID,
  wire.HEADER_CWT_CLAIMS,
  wire.HEADER_CHAIN,
];
/** Half the order of secp256k1 (SEC 2 §2.4.1), rounded down, big-endian: the largest s that is low. */
const HALF_ORDER = Uint8Array.of(
  ...[0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff],
  ...[0x5d, 0x57, 0x6e, 0x73, 0x57, 0xa4, 0x50, 0x1d, 0xdf, 0xe9, 0x2f, 0x46, 0x68, 0x1b, 0x20, 0xa0],
);

/** Whether s, the second half of a 64-byte signature, is above half the group order. */
export function isHighS(signature: Uint8Array): boolean {
  for (let i = 0; i < HALF_ORDER.length; i++) {
    const difference = (signature[HALF_ORDER.length + i] as number) - (HALF_ORDER[i] as number);
    if (difference !== 0) return difference > 0;
  }
  return false;
}
