import { type CborValue, encodeCbor } from "../../agent/cbor/value.js";
import { CborWriter } from "../../agent/cbor/writer.js";
import { unhex } from "../../agent/cose/kid.js";
import { comparePositions, type DroppedRange, type Position } from "../../agent/frame/chain.js";
import type { Hasher } from "../../agent/ports/signer.js";
import { digestOf } from "../bytes.js";
import type { Tenure } from "../enrolment/history.js";
import type { Enrolled } from "../verify/registry.js";

/** Places at which a device contradicted itself that are kept apart: beyond, what is before them counts no more. */
export const MAX_BARRED = 64;
const LEAF = 2;
/** What a number, or a list's head, takes in CBOR at most. */
const NUMBER_BYTES = 9;

/** What counted of a device for an epoch. */
export interface EpochCount {
  readonly epoch: number;
  readonly frames: number;
  readonly readings: number;
  /** Rising, and none touches another. */
  readonly places: readonly DroppedRange[];
}

/** A device as the rules see it, after a record. None of it changes. */
export interface DeviceState {
  /** In hex. */
  readonly kid: string;
  /** As owners signed it. Follows from `statements`, as `tenures` do. */
  readonly enrolled: Enrolled;
  readonly tenures: readonly Tenure[];
  /** Owners' statements that are in force, the first one first. */
  readonly statements: readonly { readonly id: Uint8Array; readonly document: Uint8Array }[];
  /** What is not behind it counts no more; undefined: nothing left the window yet. */
  readonly floor: Position | undefined;
  /** Places that count for nobody, rising. */
  readonly barred: readonly DroppedRange[];
  /** Of the epochs within the window, rising. */
  readonly epochs: readonly EpochCount[];
  /** Its leaf in the state's tree. */
  readonly hash: Uint8Array;
}

export type DeviceParts = Omit<DeviceState, "hash">;

/**
 * A device's leaf: SHA-256(02 ‖ CBOR), of the array `[kid, [id, ...], [] / [boot, sequence],
 * [[boot, first, last], ...], [[epoch, frames, readings, [[boot, first, last], ...]], ...]]`.
 */
export function sealDevice(parts: DeviceParts, hasher: Hasher): DeviceState {
  const { kid, statements, floor, barred, epochs } = parts;
  const value: CborValue[] = [
    unhex(kid),
    statements.map(({ id }) => id),
    floor === undefined ? [] : [floor.boot, floor.sequence],
    barred.map(rangeValue),
    epochs.map(({ epoch, frames, readings, places }) => [epoch, frames, readings, places.map(rangeValue)]),
  ];
  const ranges = epochs.reduce((sum, { places }) => sum + places.length, barred.length);
  const numbers = 10 + 5 * statements.length + 4 * ranges + 5 * epochs.length;
  const writer = new CborWriter(new Uint8Array(1 + NUMBER_BYTES * numbers));
  writer.buffer[writer.offset++] = LEAF;
  encodeCbor(value, writer);
  return { ...parts, hash: digestOf(writer.buffer.subarray(0, writer.offset), hasher) };
}

/** Without the epochs before `first`: their places are no longer told apart, and none of them counts again. */
export function forgetBefore(parts: DeviceParts, first: number): DeviceParts {
  const gone = parts.epochs.filter(({ epoch }) => epoch < first);
  if (gone.length === 0) return parts;
  let floor = parts.floor;
  for (const { places } of gone) floor = later(floor, places.at(-1));
  return raise({ ...parts, epochs: parts.epochs.filter(({ epoch }) => epoch >= first) }, floor);
}

/** With places that count for nobody. */
export function withBarred(parts: DeviceParts, barred: readonly DroppedRange[]): DeviceParts {
  const over = barred.length - MAX_BARRED;
  if (over <= 0) return { ...parts, barred };
  return raise({ ...parts, barred }, later(parts.floor, barred[over - 1]));
}

function raise(parts: DeviceParts, floor: Position | undefined): DeviceParts {
  if (floor === undefined) return parts;
  const barred = parts.barred.filter(
    ({ boot, last }) => comparePositions({ boot, sequence: last }, floor) > 0,
  );
  return { ...parts, floor, barred };
}

function later(floor: Position | undefined, range: DroppedRange | undefined): Position | undefined {
  if (range === undefined) return floor;
  const end = { boot: range.boot, sequence: range.last };
  return floor === undefined || comparePositions(end, floor) > 0 ? end : floor;
}

const rangeValue = ({ boot, first, last }: DroppedRange): CborValue[] => [boot, first, last];
