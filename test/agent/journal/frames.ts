import type { DroppedRange, Position } from "../../../agent/frame/chain.js";
import { below, createRandom32, type Random32 } from "../../../host-sim/virtual-board/flash/random.js";
import { hasher } from "../../../node/ports/signer.js";

/** A frame as the model remembers it. */
export interface ModelFrame extends Position {
  readonly id: number;
  readonly bytes: Uint8Array;
  readonly digest: Uint8Array;
  /** What it declares as lost. */
  readonly declares: readonly DroppedRange[];
}

/** The shortest real frame. */
export const SHORTEST = 136;

/**
 * What stands for a signed frame: `length` bytes that depend on all that a signature would cover. Some are all zeros or all
 * ones but for their beginning, since flash is erased to ones.
 */
export function makeFrame(
  id: number,
  position: Position,
  prev: Uint8Array,
  declares: readonly DroppedRange[],
  length: number,
): ModelFrame {
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  const random = createRandom32(position.boot * 65_537 + position.sequence * 31 + length);
  fill(bytes, random);
  bytes.set(prev, 0);
  view.setUint32(16, position.boot);
  view.setUint32(20, position.sequence);
  view.setUint32(24, length);
  let at = 28;
  for (const { boot, first, last } of declares)
    for (const number of [boot, first, last]) {
      view.setUint32(at, number);
      at += 4;
    }
  const digest = new Uint8Array(32);
  hasher.sha256(bytes, digest, 0);
  return { ...position, id, bytes, digest, declares };
}

function fill(bytes: Uint8Array, random: Random32): void {
  const kind = below(random, 16);
  if (kind === 0) bytes.fill(0xff);
  else if (kind === 1) bytes.fill(0);
  else {
    const words = new Uint32Array(bytes.buffer, 0, bytes.length >>> 2);
    for (let i = 0; i < words.length; i++) words[i] = random();
  }
}

export function covers(ranges: readonly DroppedRange[], { boot, sequence }: Position): boolean {
  return ranges.some((range) => range.boot === boot && range.first <= sequence && sequence <= range.last);
}
