import { CborReader } from "./cbor/reader.js";
import { CborWriter } from "./cbor/writer.js";
import type { DroppedRange, Position } from "./frame/chain.js";
import { PREV_BYTES } from "./frame/layout.js";
import { MAX_LOSSES } from "./outbox/losses.js";
import type { Outbox } from "./outbox/outbox.js";
import type { KeyValue } from "./ports/key-value.js";

const BOOT = "boot";
const CHAIN = "chain";
/** The longest record: five heads of 9 bytes, the hash, and the ranges. */
const RECORD_BYTES = 5 * 9 + PREV_BYTES + MAX_LOSSES * (1 + 3 * 9);

/**
 * Makes the next boot's number durable and returns it: from 1, and above that of every frame in the chain's record.
 * No frame may be signed before. Throws CborError where a record is damaged.
 */
export function nextBoot(store: KeyValue): number {
  const boot = Math.max(lastBoot(store), loadChain(store).boot) + 1;
  const writer = new CborWriter(new Uint8Array(9));
  writer.int(boot);
  store.set(BOOT, writer.buffer.slice(0, writer.offset));
  return boot;
}

function lastBoot(store: KeyValue): number {
  const stored = store.get(BOOT);
  if (stored === undefined) return 0;
  const reader = new CborReader(stored);
  const boot = reader.uint();
  reader.finish();
  return boot;
}

export interface ChainTip {
  /** Boot of the last durable frame; 0 where there was none. */
  readonly boot: number;
  /** First 16 bytes of SHA-256 of the device's last durable frame; zeros where there was none. */
  readonly prev: Uint8Array;
  /** Frames of earlier boots that may not have been delivered. */
  readonly losses: readonly DroppedRange[];
}

/**
 * Where the chain stood when the board last stopped. Frames that were then in an outbox in RAM are gone: they
 * count as lost, and the next frame declares them. Throws CborError where the record is damaged.
 *
 * The record: `[hash, boot, last sequence, first sequence not acknowledged, [[boot, first, last], …]]`.
 */
export function loadChain(store: KeyValue): ChainTip {
  const stored = store.get(CHAIN);
  if (stored === undefined) return { boot: 0, prev: new Uint8Array(PREV_BYTES), losses: [] };
  const reader = new CborReader(stored);
  expectItems(reader, 5);
  const prev = reader.bytes();
  if (prev.length !== PREV_BYTES) reader.fail("unexpected", `a hash of ${prev.length} bytes`);
  const boot = reader.uint();
  const last = reader.uint();
  const first = reader.uint();
  const losses: DroppedRange[] = [];
  for (let left = reader.array(); left > 0; left--) {
    expectItems(reader, 3);
    losses.push({ boot: reader.uint(), first: reader.uint(), last: reader.uint() });
  }
  reader.finish();
  if (first <= last) losses.push({ boot, first, last });
  return { boot, prev, losses };
}

function expectItems(reader: CborReader, items: number): void {
  const found = reader.array();
  if (found !== items) reader.fail("unexpected", `expected ${items} items, found ${found}`);
}

/** Makes the chain's tip durable, frame after frame. */
export class ChainRecord {
  readonly #store: KeyValue;
  readonly #writer = new CborWriter(new Uint8Array(RECORD_BYTES));

  constructor(store: KeyValue) {
    this.#store = store;
  }

  /** `prev` is the hash of the frame at `tip`, which the outbox gets next. */
  save(prev: Uint8Array, tip: Position, outbox: Outbox): void {
    const record = this.#writer;
    record.offset = 0;
    record.array(5);
    record.bytes(prev);
    record.int(tip.boot);
    record.int(tip.sequence);
    record.int(outbox.position(outbox.first)?.sequence ?? tip.sequence);
    const { losses } = outbox;
    record.array(losses.length);
    for (let i = 0; i < losses.length; i++) {
      const range = losses[i] as DroppedRange;
      record.array(3);
      record.int(range.boot);
      record.int(range.first);
      record.int(range.last);
    }
    this.#store.set(CHAIN, record.buffer.subarray(0, record.offset));
  }
}
