import type { DroppedRange } from "../frame/chain.js";
import { addLoss } from "./losses.js";
import type { Outbox } from "./outbox.js";

interface Slot {
  readonly bytes: Uint8Array;
  length: number; // 0: acknowledged, or never used
  boot: number;
  sequence: number;
  /** The version of `losses` that the frame declares. */
  declares: number;
}

/** An outbox in RAM: `capacity` frames of at most `frameBytes`, allocated once. The oldest is lost when full. */
export function createMemoryOutbox(capacity: number, frameBytes: number): Outbox {
  const slots: Slot[] = [];
  for (let i = 0; i < capacity; i++)
    slots.push({ bytes: new Uint8Array(frameBytes), length: 0, boot: 0, sequence: 0, declares: 0 });
  let first = 0;
  let next = 0;
  let pending = 0;
  let losses: readonly DroppedRange[] = [];
  let version = 0;

  function slot(id: number): Slot | undefined {
    if (id < first || id >= next) return undefined;
    const found = slots[id % capacity] as Slot;
    return found.length === 0 ? undefined : found;
  }

  function leave(left: Slot): void {
    left.length = 0;
    pending--;
    while (first < next && (slots[first % capacity] as Slot).length === 0) first++;
  }

  function lose(range: DroppedRange): void {
    losses = addLoss(losses, range);
    version++;
  }

  return {
    get first() {
      return first;
    },
    get next() {
      return next;
    },
    get pending() {
      return pending;
    },
    get losses() {
      return losses;
    },
    append(position, frame) {
      if (frame.length > frameBytes)
        throw new RangeError(`a frame of ${frame.length} bytes, not ${frameBytes}`);
      const declares = version; // before the drop below: that one is news to this frame
      if (next - first === capacity) {
        const oldest = slots[first % capacity] as Slot;
        leave(oldest);
        lose({ boot: oldest.boot, first: oldest.sequence, last: oldest.sequence });
      }
      const free = slots[next % capacity] as Slot;
      free.bytes.set(frame);
      free.length = frame.length;
      free.boot = position.boot;
      free.sequence = position.sequence;
      free.declares = declares;
      next++;
      pending++;
    },
    get(id) {
      const found = slot(id);
      return found?.bytes.subarray(0, found.length);
    },
    position: slot,
    acknowledge(id) {
      const found = slot(id);
      if (found === undefined) return;
      if (found.declares === version) losses = [];
      leave(found);
    },
    lose,
  };
}
