import { isSameBytes } from "../../agent/cose/kid.js";
import type { DroppedRange } from "../../agent/frame/chain.js";
import { InputError } from "../../agent/input-error.js";
import type { FrameSource, InventorySets } from "../ports/inventory-sets.js";
import type { StatementChecker } from "../ports/statement-keys.js";
import { PositionRanges } from "../verify/position-ranges.js";
import { applyStatements, type StatementReaders } from "./apply-statements.js";
import { type Description, descriptionHash, liarsOf } from "./description.js";
import {
  type DeviceParts,
  type DeviceState,
  type EpochCount,
  forgetBefore,
  sealDevice,
  withBarred,
} from "./device-state.js";
import { contradictedBy } from "./evidence.js";
import { type CountedFrame, framesThatCount } from "./frames-that-count.js";
import { checkInventories, type Inputs, inputsHash } from "./inputs.js";
import { type EpochRecord, recordHash } from "./record.js";
import { type EpochState, emptyState, stateRoot } from "./state.js";

/** A record, and the state after it. */
export interface RecordWithState {
  readonly record: EpochRecord;
  readonly state: EpochState;
}

/** What a record is made from, beside its parent. */
export interface RecordGiven {
  readonly slot: number;
  readonly epoch: number;
  readonly inputs: Inputs;
  readonly sets: InventorySets;
  readonly frames: FrameSource;
}

export interface RecordParts extends StatementReaders {
  /** The one in force. */
  readonly description: Description;
  /** The separator of statements. */
  readonly domain: Uint8Array;
  readonly statements: StatementChecker;
}

const NOTHING = new Uint8Array(32);

/**
 * The record that follows from its parent and what is given: the same bytes everywhere. `parent`:
 * undefined: it is the first. Nothing of what is given is changed. Throws InputError where it does
 * not make a record, or where a frame that is needed is not at hand.
 */
export function makeRecord(
  parent: RecordWithState | undefined,
  given: RecordGiven,
  parts: RecordParts,
): RecordWithState {
  const { slot, epoch, inputs } = given;
  const { description, domain, statements, checker } = parts;
  const hash = descriptionHash(description, checker);
  checkParent(parent, given, hash);
  const check = { description, epoch, domain, statements, hasher: checker };
  checkInventories(inputs.inventories, check);
  const before = parent?.state ?? emptyState(hash);
  const first = epoch - description.window + 1;
  const witnesses = inputs.inventories.map(({ witness }) => witness).sort((a, b) => a - b);
  const state: EpochState = {
    description: hash,
    devices: nextDevices(before, given, parts, first),
    timely: [...before.timely.filter((one) => one.epoch >= first), { epoch, witnesses }],
  };
  const record: EpochRecord = {
    description: hash,
    next: hash,
    slot,
    epoch,
    parent: parent === undefined ? NOTHING : recordHash(parent.record),
    inputs: inputsHash(inputs, checker),
    state: stateRoot(state, checker),
    // The rule "none" owes nobody anything.
    payouts: NOTHING,
    total: 0,
  };
  return { record, state };
}

/** The first member in which a record is not what follows; undefined: it is. Throws as makeRecord. */
export function checkRecord(
  record: EpochRecord,
  parent: RecordWithState | undefined,
  given: RecordGiven,
  parts: RecordParts,
): keyof EpochRecord | undefined {
  const made = makeRecord(parent, given, parts).record;
  for (const member of Object.keys(made) as (keyof EpochRecord)[]) {
    const [one, other] = [record[member], made[member]];
    const isSame =
      one instanceof Uint8Array && other instanceof Uint8Array ? isSameBytes(one, other) : one === other;
    if (!isSame) return member;
  }
  return undefined;
}

function checkParent(
  parent: RecordWithState | undefined,
  { slot, epoch }: RecordGiven,
  hash: Uint8Array,
): void {
  if (parent === undefined) return;
  const { record } = parent;
  if (epoch !== record.epoch + 1) throw new InputError(`epoch ${epoch} does not follow ${record.epoch}`);
  if (slot <= record.slot) throw new InputError(`slot ${slot} is not after ${record.slot}`);
  if (!isSameBytes(record.next, hash)) throw new InputError("the parent names another description");
}

/** A device that has nothing new is the very same object. */
function nextDevices(
  { devices }: EpochState,
  { epoch, inputs, sets, frames }: RecordGiven,
  { description, checker, keys }: RecordParts,
  first: number,
): ReadonlyMap<string, DeviceState> {
  const changed = new Map<string, DeviceParts>();
  const shown = contradictedBy(inputs.evidence, devices, description.network, checker);
  const init = { description, epoch, holders: liarsOf(description) + 1, frames, checker };
  for (const kid of new Set([...shown.keys(), ...sets.kids()])) {
    const device = devices.get(kid);
    if (device === undefined) continue;
    const barred = shown.get(kid) ?? [];
    const inventories = inputs.inventories.map(({ witness }) => sets.frames(witness, kid));
    const { counted, contradicted } = framesThatCount(withPlaces(device, barred), inventories, init);
    const bars = [...barred, ...contradicted];
    if (counted.length === 0 && bars.length === 0) continue;
    const parts = bars.length === 0 ? device : withBarred(device, joined(device.barred, bars));
    changed.set(kid, { ...parts, epochs: withCounted(parts.epochs, counted) });
  }
  const known = new Map(devices);
  for (const [kid, parts] of changed) known.set(kid, { ...parts, hash: NOTHING });
  for (const parts of applyStatements(known, inputs.statements, description, { checker, keys }))
    changed.set(parts.kid, parts);
  for (const [kid, device] of devices) {
    const parts = changed.get(kid) ?? device;
    const kept = forgetBefore(parts, first);
    if (kept !== parts) changed.set(kid, kept);
  }
  const next = new Map(devices);
  for (const [kid, parts] of changed) next.set(kid, sealDevice(parts, checker));
  return changed.size === 0 ? devices : new Map([...next].sort(([a], [b]) => (a < b ? -1 : 1)));
}

const withPlaces = (device: DeviceState, barred: readonly DroppedRange[]): DeviceState =>
  barred.length === 0 ? device : { ...device, barred: joined(device.barred, barred) };

function withCounted(before: readonly EpochCount[], counted: readonly CountedFrame[]): EpochCount[] {
  const epochs = new Map(before.map((count) => [count.epoch, count]));
  const news = new Map<number, CountedFrame[]>();
  for (const one of counted) {
    const known = news.get(one.epoch);
    if (known === undefined) news.set(one.epoch, [one]);
    else known.push(one);
  }
  for (const [epoch, all] of news) {
    const { frames = 0, readings = 0, places = [] } = epochs.get(epoch) ?? {};
    const more = all.map(({ frame: { boot, sequence } }) => ({ boot, first: sequence, last: sequence }));
    epochs.set(epoch, {
      epoch,
      frames: frames + all.length,
      readings: all.reduce((sum, { frame }) => sum + frame.readings.length, readings),
      places: joined(places, more),
    });
  }
  return [...epochs.values()].sort((a, b) => a.epoch - b.epoch);
}

function joined(some: readonly DroppedRange[], more: readonly DroppedRange[]): DroppedRange[] {
  const all = new PositionRanges();
  for (const range of [...some, ...more]) all.add(range);
  const ranges: DroppedRange[] = [];
  for (let range = all.removeFirst(); range !== undefined; range = all.removeFirst()) ranges.push(range);
  return ranges;
}
