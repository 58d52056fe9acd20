import { type CborValue, encodeCbor } from "../../agent/cbor/value.js";
import { CborWriter } from "../../agent/cbor/writer.js";
import { unhex } from "../../agent/cose/kid.js";
import { DIGEST_BYTES } from "../../agent/frame/layout.js";
import type { Hasher } from "../../agent/ports/signer.js";
import { digestOf } from "../bytes.js";
import { rootOf, type Subtree } from "../inventory/tree.js";
import type { DeviceState } from "./device-state.js";

const HEAD = 3;
const NUMBER_BYTES = 9;

/** Which witnesses' inventories of an epoch a record named: by their places, rising. */
export interface Timely {
  readonly epoch: number;
  readonly witnesses: readonly number[];
}

/** All that the next record needs to know. None of it changes: a record makes another one. */
export interface EpochState {
  /** The description's hash. */
  readonly description: Uint8Array;
  /** By kid in hex, in rising order. */
  readonly devices: ReadonlyMap<string, DeviceState>;
  /** Of the epochs within the window, rising. */
  readonly timely: readonly Timely[];
}

/** The state before the first record. */
export const emptyState = (description: Uint8Array): EpochState => ({
  description,
  devices: new Map(),
  timely: [],
});

/** The root of the devices' leaves, by kid (network/inventory/tree.ts). */
export function devicesRoot({ devices }: Pick<EpochState, "devices">, hasher: Hasher): Uint8Array {
  return rootOf(leavesOf(devices.values()), hasher);
}

/** SHA-256(03 ‖ description ‖ devicesRoot ‖ CBOR), of the array `[[epoch, [witness, ...]], ...]`. */
export function stateRoot(state: EpochState, hasher: Hasher): Uint8Array {
  const { description, timely } = state;
  const numbers = timely.reduce((sum, { witnesses }) => sum + 3 + witnesses.length, 1);
  const writer = new CborWriter(new Uint8Array(1 + 2 * DIGEST_BYTES + NUMBER_BYTES * numbers));
  writer.buffer[0] = HEAD;
  writer.buffer.set(description, 1);
  writer.buffer.set(devicesRoot(state, hasher), 1 + DIGEST_BYTES);
  writer.offset = 1 + 2 * DIGEST_BYTES;
  const value: CborValue[] = timely.map(({ epoch, witnesses }) => [epoch, [...witnesses]]);
  encodeCbor(value, writer);
  return digestOf(writer.buffer.subarray(0, writer.offset), hasher);
}

function* leavesOf(devices: Iterable<DeviceState>): Generator<Subtree> {
  for (const { kid, hash } of devices) yield { key: unhex(kid), hash };
}
