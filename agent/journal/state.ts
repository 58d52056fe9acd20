import { CborError } from "../cbor/error.js";
import { CborReader } from "../cbor/reader.js";
import { CborWriter } from "../cbor/writer.js";
import { isSameBytes } from "../cose/kid.js";
import type { DroppedRange } from "../frame/chain.js";
import { KID_BYTES, PREV_BYTES } from "../frame/layout.js";
import { MAX_LOSSES } from "./losses.js";
import { type IdRanges, MAX_RANGES } from "./ranges.js";

/** This layout. Another one is not read. */
const VERSION = 1;
const UINT = 5;
/** The longest body of a RESUME record. */
export const TIP_BYTES = 1 + 2 * UINT + (1 + PREV_BYTES);
/** The longest body of a SECTOR record. */
export const SECTOR_BYTES =
  2 + 1 + (1 + KID_BYTES) + 4 * UINT + TIP_BYTES + stateBytes(MAX_RANGES, MAX_LOSSES);

/** The longest body of a STATE record with so many ranges of pending frames, and losses. */
export function stateBytes(ranges: number, losses: number): number {
  return 1 + (2 + 2 * ranges * UINT) + (2 + 3 * losses * UINT);
}

/** What a sector says of the log up to its beginning. */
export interface SectorHead {
  /** Rises with each sector that is begun. */
  readonly serial: number;
  /** The sector that was begun before this one; where there is none, itself. */
  readonly previous: number;
  /** Offset at which the log ended there. */
  readonly end: number;
  /** Id of the first frame that this sector gets. */
  readonly firstId: number;
  /** The newest frame. */
  readonly tip: Tip;
}

/** A frame by what is known of it without its bytes. */
export interface Tip {
  /** 0 where there is no frame yet. */
  readonly boot: number;
  readonly sequence: number;
  /** First 16 bytes of its SHA-256; zeros where there is none. */
  readonly prev: Uint8Array;
}

/** A STATE record's body: `[[from, to, …], [boot, first, last, …]]`, frames that are pending, and losses. */
export function writeState(into: Uint8Array, pending: IdRanges, losses: readonly DroppedRange[]): Uint8Array {
  const writer = new CborWriter(into);
  putState(writer, pending, losses);
  return into.subarray(0, writer.offset);
}

/** Throws CborError where `body` is no state. */
export function readState(body: Uint8Array, pending: IdRanges): DroppedRange[] {
  const reader = new CborReader(body);
  const losses = takeState(reader, pending);
  reader.finish();
  return losses;
}

/** A SECTOR record's body: `[version, kid, serial, previous, end, first id, tip, state]`. */
export function writeSector(
  into: Uint8Array,
  kid: Uint8Array,
  head: SectorHead,
  pending: IdRanges,
  losses: readonly DroppedRange[],
): Uint8Array {
  const writer = new CborWriter(into);
  writer.array(8);
  writer.int(VERSION);
  writer.bytes(kid);
  writer.int(head.serial);
  writer.int(head.previous);
  writer.int(head.end);
  writer.int(head.firstId);
  putTip(writer, head.tip);
  putState(writer, pending, losses);
  return into.subarray(0, writer.offset);
}

/**
 * Undefined where the sector is another device's or of another layout. `pending`: where its state goes, and `losses`; left out
 * where nobody wants them. Throws CborError where `body` is no sector's head.
 */
export function readSector(
  body: Uint8Array,
  kid: Uint8Array,
  pending?: IdRanges,
  losses?: (ranges: DroppedRange[]) => void,
): SectorHead | undefined {
  const reader = new CborReader(body);
  const owner = takeOwner(reader);
  if (owner === undefined || !isSameBytes(owner, kid)) return undefined;
  const serial = reader.uint();
  const previous = reader.uint();
  const end = reader.uint();
  const firstId = reader.uint();
  const tip = takeTip(reader);
  if (pending !== undefined && losses !== undefined) {
    losses(takeState(reader, pending));
    reader.finish();
  }
  return { serial, previous, end, firstId, tip };
}

/** Kid of the device whose sector it is; undefined where the sector is of another layout. Throws CborError as above. */
export function sectorOwner(body: Uint8Array): Uint8Array | undefined {
  return takeOwner(new CborReader(body))?.slice();
}

/** A RESUME record's body: the newest frame, `[boot, sequence, prev]`. */
export function writeTip(into: Uint8Array, tip: Tip): Uint8Array {
  const writer = new CborWriter(into);
  putTip(writer, tip);
  return into.subarray(0, writer.offset);
}

/** Throws CborError where `body` is no tip. */
export function readTip(body: Uint8Array): Tip {
  return takeTip(new CborReader(body));
}

/** Whether an exception says that bytes are no state, so that they are not trusted; others go on. */
export function isUnreadable(error: unknown): boolean {
  return error instanceof CborError;
}

function takeOwner(reader: CborReader): Uint8Array | undefined {
  if (reader.array() !== 8 || reader.uint() !== VERSION) return undefined;
  const owner = reader.bytes();
  return owner.length === KID_BYTES ? owner : undefined;
}

function putState(writer: CborWriter, pending: IdRanges, losses: readonly DroppedRange[]): void {
  writer.array(2);
  writer.array(2 * pending.ranges);
  for (let range = 0; range < pending.ranges; range++) {
    writer.int(pending.from(range));
    writer.int(pending.to(range));
  }
  writer.array(3 * losses.length);
  for (let i = 0; i < losses.length; i++) {
    const { boot, first, last } = losses[i] as DroppedRange;
    writer.int(boot);
    writer.int(first);
    writer.int(last);
  }
}

function takeState(reader: CborReader, pending: IdRanges): DroppedRange[] {
  if (reader.array() !== 2) reader.fail("unexpected", "a state has two parts");
  pending.clear();
  for (let left = reader.array(); left > 0; left -= 2) pending.append(reader.uint(), reader.uint());
  const losses: DroppedRange[] = [];
  for (let left = reader.array(); left > 0; left -= 3)
    losses.push({ boot: reader.uint(), first: reader.uint(), last: reader.uint() });
  return losses;
}

function putTip(writer: CborWriter, { boot, sequence, prev }: Tip): void {
  writer.array(3);
  writer.int(boot);
  writer.int(sequence);
  writer.bytes(prev);
}

function takeTip(reader: CborReader): Tip {
  if (reader.array() !== 3) reader.fail("unexpected", "a tip has three parts");
  const boot = reader.uint();
  const sequence = reader.uint();
  const prev = reader.bytes();
  if (prev.length !== PREV_BYTES) reader.fail("unexpected", `a hash of ${prev.length} bytes`);
  return { boot, sequence, prev: prev.slice() };
}
