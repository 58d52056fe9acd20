import type { DroppedRange, Position } from "../frame/chain.js";

/**
 * Frames that are signed and not yet acknowledged, oldest first. Each has an id; ids rise by one.
 * A frame is as durable as the outbox is when `append` returns, and only then may it be sent.
 */
export interface Outbox {
  /** Id of the oldest frame that is kept, or `next` where there is none. */
  readonly first: number;
  /** Id that the next frame gets. */
  readonly next: number;
  /** Frames kept, not counting those acknowledged out of turn. */
  readonly pending: number;
  /**
   * Losses that no acknowledged frame has declared yet, in the order of signing. Every frame is signed with
   * these as its `dropped`, until one that declares them has been acknowledged.
   */
  readonly losses: readonly DroppedRange[];
  /** Before a frame is signed: where there is no room for it, the oldest is lost, so that this one can declare it. */
  makeRoom(): void;
  /** Keeps a copy of a frame that declared `losses` as they are now. Without room, the oldest frame is lost. */
  append(position: Position, frame: Uint8Array): void;
  /** Whether the frame has not left. */
  has(id: number): boolean;
  /** The frame, as a view that is good until the next call of `append`; undefined once it left. */
  get(id: number): Uint8Array | undefined;
  /** Undefined once the frame left. */
  position(id: number): Position | undefined;
  /** The frame leaves. Harmless for one that left before. */
  acknowledge(id: number): void;
  /** Adds frames to `losses` that were signed and never got here, or did not survive a reset. */
  lose(range: DroppedRange): void;
}
