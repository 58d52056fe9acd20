import { hex, isSameBytes } from "../../agent/cose/kid.js";
import { comparePositions, type DroppedRange } from "../../agent/frame/chain.js";
import { createFrameChecker, type FrameChecker } from "../../agent/frame/check.js";
import { PREV_BYTES } from "../../agent/frame/layout.js";
import type { Frame } from "../../agent/frame/parse.js";
import { InputError } from "../../agent/input-error.js";
import type { SignatureChecker } from "../../agent/ports/signer.js";
import { digestOf } from "../bytes.js";
import type { FrameSource, InventoryFrame } from "../ports/inventory-sets.js";
import { PositionRanges } from "../verify/position-ranges.js";
import { readingReason } from "../verify/reading-reasons.js";
import type { Description } from "./description.js";
import type { DeviceState } from "./device-state.js";

/** A frame that counts, and the epoch of its date. */
export interface CountedFrame {
  readonly frame: Frame;
  readonly epoch: number;
}

/** What a record takes of a device. */
export interface DeviceCount {
  /** In the order of signing. */
  readonly counted: readonly CountedFrame[];
  /** Places with two authentic frames. */
  readonly contradicted: readonly DroppedRange[];
}

export interface CountInit {
  readonly description: Description;
  readonly epoch: number;
  /** Of how many named inventories a frame has to be in: f + 1. */
  readonly holders: number;
  readonly frames: FrameSource;
  readonly checker: SignatureChecker;
}

/** A place and the frame there: one that is authentic, and no other is. */
interface Held {
  readonly place: InventoryFrame;
  readonly frame: Frame;
}

/**
 * Which frames of a device count (docs/network.md, *Frames that count*). `sets`: what each named
 * inventory has of it. Throws InputError where a frame that enough inventories have is not at hand:
 * then nothing can be said.
 */
export function framesThatCount(
  device: DeviceState,
  sets: Iterable<Iterable<InventoryFrame>>,
  init: CountInit,
): DeviceCount {
  const { held, contradicted } = authentic(device, heldBy(sets, init.holders), init);
  const { seconds, window } = init.description;
  const closed = closedPlaces(device);
  const dates = datesOf(held);
  const counted: CountedFrame[] = [];
  for (const [at, { place, frame }] of held.entries()) {
    if (device.floor !== undefined && comparePositions(place, device.floor) <= 0) continue;
    if (closed.has(place) || !isLinked(held[at - 1], frame)) continue;
    const time = dates[at];
    if (time === undefined || readingReason(device.enrolled, frame, time) !== undefined) continue;
    if (!isConfigured(device, frame)) continue;
    const epoch = Math.floor(time / seconds);
    if (epoch > init.epoch || epoch <= init.epoch - window) continue;
    counted.push({ frame, epoch });
  }
  return { counted, contradicted };
}

/** What enough inventories have, in the order of signing. */
function heldBy(sets: Iterable<Iterable<InventoryFrame>>, holders: number): InventoryFrame[] {
  const all = new Map<string, { readonly frame: InventoryFrame; count: number }>();
  for (const set of sets) {
    let last: InventoryFrame | undefined;
    for (const frame of set) {
      if (last !== undefined && comparePositions(last, frame) >= 0)
        throw new InputError("an inventory's frames are not in the order of signing, each place once");
      last = frame;
      const key = `${frame.boot}/${frame.sequence}/${hex(frame.digest)}`;
      const known = all.get(key);
      if (known === undefined) all.set(key, { frame, count: 1 });
      else known.count++;
    }
  }
  return [...all.values()]
    .filter(({ count }) => count >= holders)
    .map(({ frame }) => frame)
    .sort(comparePositions);
}

function authentic(
  device: DeviceState,
  places: readonly InventoryFrame[],
  { description, frames, checker }: CountInit,
): { held: Held[]; contradicted: DroppedRange[] } {
  const { publicKey } = device.enrolled;
  const keys = {
    network: description.network,
    publicKey: (kid: Uint8Array) => (hex(kid) === device.kid ? publicKey : undefined),
  };
  const check = createFrameChecker(keys, checker);
  const held: Held[] = [];
  const contradicted: DroppedRange[] = [];
  for (const place of places) {
    const bytes = frames.frame(place.digest);
    if (bytes === undefined || !isSameBytes(digestOf(bytes, checker), place.digest))
      throw new InputError(`frame ${hex(place.digest)} is not at hand`);
    const frame = authenticAt(check, bytes, place);
    if (frame === undefined) continue;
    const { boot, sequence } = place;
    const last = contradicted.at(-1);
    if (last?.boot === boot && last.first === sequence) continue;
    const before = held.at(-1);
    if (before === undefined || comparePositions(before.place, place) !== 0) held.push({ place, frame });
    else {
      held.pop();
      contradicted.push({ boot, first: sequence, last: sequence });
    }
  }
  return { held, contradicted };
}

function authenticAt(check: FrameChecker, bytes: Uint8Array, place: InventoryFrame): Frame | undefined {
  const result = check.check(bytes);
  return "failure" in result || comparePositions(result.frame, place) !== 0 ? undefined : result.frame;
}

/** Places of a device at which nothing counts any more: what was counted, and what is barred. */
function closedPlaces({ barred, epochs }: DeviceState): PositionRanges {
  const closed = new PositionRanges();
  for (const range of barred) closed.add(range);
  for (const { places } of epochs) for (const range of places) closed.add(range);
  return closed;
}

/** Only the frame directly before it in its boot can show that a frame is not linked to it. */
function isLinked(before: Held | undefined, { boot, sequence, prev }: Frame): boolean {
  if (before === undefined || before.place.boot !== boot || before.place.sequence + 1 !== sequence)
    return true;
  return isSameBytes(before.place.digest.subarray(0, PREV_BYTES), prev);
}

/**
 * When each was signed, in Unix seconds; undefined: no clocked frame of its boot is reached without
 * an undeclared gap. From the last one back, so that many without a clock cost no more than others.
 */
function datesOf(held: readonly Held[]): (number | undefined)[] {
  const losses = new PositionRanges();
  for (const { frame } of held) for (const range of frame.dropped) losses.add(range);
  const dates = new Array<number | undefined>(held.length);
  /** Of the boot at hand: its clock's time less its uptime. */
  let start: number | undefined;
  for (let at = held.length - 1; at >= 0; at--) {
    const { frame } = held[at] as Held;
    const next = held[at + 1]?.frame;
    const isReached =
      next?.boot === frame.boot &&
      losses.covers(frame.boot, frame.sequence + 1, next.sequence - 1) &&
      isLinked(held[at], next);
    if (frame.time !== undefined) start = frame.time - frame.uptime;
    else if (!isReached) start = undefined;
    dates[at] = frame.time ?? (start === undefined ? undefined : start + frame.uptime);
  }
  return dates;
}

/** A frame that says how its board is configured must say what was enrolled. */
function isConfigured({ enrolled }: DeviceState, { configuration }: Frame): boolean {
  const { configurations } = enrolled;
  return (
    configuration === undefined || configurations === undefined || configurations.includes(configuration)
  );
}
