import { MAP, TAG_SIGN1 } from "../cbor/major.js";
import { CborWriter } from "../cbor/writer.js";
import { unhex } from "../cose/kid.js";
import { InputError } from "../input-error.js";
import type { Signer } from "../ports/signer.js";
import {
  CLOCK_UNSET,
  type ClockState,
  type DroppedRange,
  type Position,
  saysConfiguration,
} from "./chain.js";
import { KeptTexts } from "./kept-texts.js";
import {
  ALG_ES256K,
  CLAIM_AUD,
  CONTENT_TYPE_SENML_CBOR,
  DIGEST_BYTES,
  FRAME_PREFIX,
  HEADER_ALG,
  HEADER_CHAIN,
  HEADER_CONTENT_TYPE,
  HEADER_CWT_CLAIMS,
  HEADER_KID,
  KID_BYTES,
  MAX_FRAME_BYTES,
  NO_EXTERNAL_AAD,
  NO_UNPROTECTED_HEADER,
  SENML_BASE_NAME,
  SENML_BASE_TIME,
  SENML_BASE_UNIT,
  SENML_TIME,
  SENML_VALUE,
  SIG_STRUCTURE_PREFIX,
  SIGNATURE_BYTES,
} from "./layout.js";
import { isNetworkName } from "./name.js";

export interface FrameHeader extends Position {
  /** First 16 bytes of SHA-256 of the device's previous frame; zeros for its first ever. */
  readonly prev: Uint8Array;
  /** Seconds since boot at the pack's base time. */
  readonly uptime: number;
  readonly clock: ClockState;
  /** Unix seconds at the pack's base time. Read only where `clock` is not CLOCK_UNSET. */
  readonly time: number;
  /** Of the sensors in this boot, CONFIGURATION_BYTES in hex. Read, and needed, only where the frame has to say it: saysConfiguration. */
  readonly configuration?: string | undefined;
  readonly dropped: readonly DroppedRange[];
}

/** The Sig_structure's prefix is longer than the frame's: the frame starts this far into the buffer. */
const FRAME_START = SIG_STRUCTURE_PREFIX.length - FRAME_PREFIX.length;
/** Where the protected header's byte string starts: after the tag and the array's head. */
const PROTECTED_START = FRAME_START + FRAME_PREFIX.length;
/** Room left for a byte string's head before its length is known: right for 24 to 255 bytes. */
const GUESSED_HEAD = 2;

/**
 * What stands before the network's name in every frame: tag, array, the protected header's head and map, alg, content type,
 * kid, and the heads of the claims; after it, the chain's label.
 */
const PREFIX_OVERHEAD = 3 + GUESSED_HEAD + 3 + 3 + 2 + KID_BYTES + 5 + 5;

/**
 * Writes frames, one after another, into one buffer: `begin`, `reading` for each reading, `finish`.
 * The frame is laid out once; its Sig_structure, which has the same long parts, is hashed in place. What is the same in
 * every frame is encoded once, and kept in the buffer after the longest frame: copying costs a board less than encoding.
 *
 * A reading's name and unit go out when they differ from the reading's before (as SenML base fields), so
 * readings of one sensor should follow each other. Throws CborError `buffer-full` where the frame would be
 * longer than the buffer; a frame begun and not finished is simply started over.
 */
export class FrameWriter {
  readonly #writer: CborWriter;
  /** A view of the buffer: an array of its own would cost a board three slots more. */
  readonly #digest: Uint8Array;
  readonly #prefixStart: number;
  readonly #prefixEnd: number;
  readonly #texts: KeptTexts;
  #payloadStart = 0;
  #name = "";
  #unit = "";
  #baseTime: number | undefined;

  /**
   * `maxBytes`: the longest frame that fits, at most MAX_FRAME_BYTES. `kid`: 8 bytes. `textBytes`: room for names and units,
   * encoded; those for which there is none are encoded each time.
   */
  constructor(network: string, kid: Uint8Array, maxBytes: number, textBytes = 0) {
    if (!isNetworkName(network))
      throw new InputError(`"${network}" is not a network name: letters, digits, - : . _`);
    if (maxBytes > MAX_FRAME_BYTES)
      throw new InputError(`a frame has at most ${MAX_FRAME_BYTES} bytes, not ${maxBytes}`);
    const end = FRAME_START + maxBytes;
    const textsEnd = end + PREFIX_OVERHEAD + network.length + textBytes;
    const buffer = new Uint8Array(textsEnd + DIGEST_BYTES);
    const prefix = new CborWriter(buffer, end);
    writePrefix(prefix, network, kid);
    this.#writer = new CborWriter(buffer, 0, end);
    this.#prefixStart = end;
    this.#prefixEnd = prefix.offset;
    this.#texts = new KeptTexts(prefix.offset, textsEnd);
    this.#digest = buffer.subarray(textsEnd);
  }

  /** `readings`: how many will follow, at least 1. */
  begin(header: FrameHeader, readings: number): void {
    const writer = this.#writer;
    writer.offset = FRAME_START;
    writer.repeat(this.#prefixStart, this.#prefixEnd);
    writeChain(writer, header);
    closeBytes(writer, PROTECTED_START);
    writer.map(0);
    this.#payloadStart = writer.offset;
    writer.reserve(GUESSED_HEAD);
    writer.array(readings);
    this.#name = "";
    this.#unit = "";
    this.#baseTime = header.clock === CLOCK_UNSET ? undefined : header.time;
  }

  /**
   * One reading: `mantissa` × 10^`exponent` (0 or negative) in `unit`, taken `age` milliseconds (0 or more)
   * before the base time.
   */
  reading(name: string, unit: string, mantissa: number, exponent: number, age: number): void {
    const writer = this.#writer;
    const baseTime = this.#baseTime;
    const sameName = name === this.#name;
    const sameUnit = unit === this.#unit;
    let pairs = 1;
    if (age !== 0) pairs++;
    if (!sameName) pairs++;
    if (baseTime !== undefined) pairs++;
    if (!sameUnit) pairs++;
    const at = writer.offset;
    writer.reserve(2);
    writer.buffer[at] = (MAP << 5) | pairs;
    // In the order of RFC 8949 §4.2.1: 2, 6, -2, -3, -4.
    writer.buffer[at + 1] = SENML_VALUE;
    writer.decimal(mantissa, exponent);
    if (age !== 0) {
      writer.int(SENML_TIME);
      writer.decimal(-age, -3);
    }
    if (!sameName) {
      this.#texts.write(writer, SENML_BASE_NAME, name);
      this.#name = name;
    }
    if (baseTime !== undefined) {
      writer.int(SENML_BASE_TIME);
      writer.int(baseTime);
      this.#baseTime = undefined;
    }
    if (!sameUnit) {
      this.#texts.write(writer, SENML_BASE_UNIT, unit);
      this.#unit = unit;
    }
  }

  /** Signs. Returns the frame as a view of this writer's buffer, good until the next `begin`. */
  finish(signer: Signer): Uint8Array {
    const writer = this.#writer;
    const { buffer } = writer;
    closeBytes(writer, this.#payloadStart);
    const signedEnd = writer.offset;
    writer.bytesHead(SIGNATURE_BYTES);
    const signatureStart = writer.offset;
    writer.reserve(SIGNATURE_BYTES);

    const between = this.#payloadStart - 1;
    buffer.set(SIG_STRUCTURE_PREFIX, 0);
    buffer[between] = NO_EXTERNAL_AAD;
    signer.sha256(buffer.subarray(0, signedEnd), this.#digest, 0);
    signer.sign(this.#digest, buffer, signatureStart);
    buffer.set(FRAME_PREFIX, FRAME_START);
    buffer[between] = NO_UNPROTECTED_HEADER;
    return buffer.subarray(FRAME_START, writer.offset);
  }
}

function writePrefix(writer: CborWriter, network: string, kid: Uint8Array): void {
  writer.tag(TAG_SIGN1);
  writer.array(4);
  writer.reserve(GUESSED_HEAD);
  writer.map(5);
  writer.int(HEADER_ALG);
  writer.int(ALG_ES256K);
  writer.int(HEADER_CONTENT_TYPE);
  writer.int(CONTENT_TYPE_SENML_CBOR);
  writer.int(HEADER_KID);
  writer.bytes(kid);
  writer.int(HEADER_CWT_CLAIMS);
  writer.map(1);
  writer.int(CLAIM_AUD);
  writer.text(network);
  writer.int(HEADER_CHAIN);
}

function writeChain(writer: CborWriter, header: FrameHeader): void {
  const { dropped } = header;
  const says = saysConfiguration(header, dropped);
  writer.array(5 + (says ? 1 : 0) + (dropped.length === 0 ? 0 : 1));
  writer.int(header.boot);
  writer.int(header.sequence);
  writer.bytes(header.prev);
  writer.int(header.uptime);
  writer.int(header.clock);
  if (says) writer.bytes(unhex(header.configuration as string));
  if (dropped.length === 0) return;
  writer.array(dropped.length);
  for (let i = 0; i < dropped.length; i++) {
    const range = dropped[i] as DroppedRange;
    writer.array(3);
    writer.int(range.boot);
    writer.int(range.first);
    writer.int(range.last);
  }
}

/** Puts the head before a byte string whose content, GUESSED_HEAD after `start`, ends at the writer's offset. */
function closeBytes(writer: CborWriter, start: number): void {
  const contentStart = start + GUESSED_HEAD;
  const contentEnd = writer.offset;
  const length = contentEnd - contentStart;
  const head = length < 24 ? 1 : length < 256 ? 2 : 3;
  if (head !== GUESSED_HEAD) {
    writer.reserve(head - GUESSED_HEAD);
    writer.buffer.copyWithin(start + head, contentStart, contentEnd);
  }
  writer.offset = start;
  writer.bytesHead(length);
  writer.offset = start + head + length;
}
