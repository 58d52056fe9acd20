import type { Position } from "../frame/chain.js";

/** What an uplink brings to the brokers: the journal, or what of it they do not have yet (agent/receipt/witness-backlog.ts). */
export interface Backlog {
  /** Id that the next frame gets. */
  readonly next: number;
  /** Frames that are to be sent. */
  readonly pending: number;
  /** Whether the frame is to be sent. */
  has(id: number): boolean;
  /** The lowest such id that is at least `id`, or -1. */
  atLeast(id: number): number;
  /** The highest such id that is at most `id`, or -1. */
  atMost(id: number): number;
  /** The frame, as a view that is good until the next call of any method; undefined where it is gone. */
  get(id: number): Uint8Array | undefined;
  /** Position of a frame that leaves when it is acknowledged; undefined where it stays, or is gone. */
  position(id: number): Position | undefined;
  /** Enough brokers have it. Harmless for one that is gone. */
  acknowledge(id: number): void;
}
