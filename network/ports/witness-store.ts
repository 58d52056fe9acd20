import type { Position } from "../../agent/frame/chain.js";
import type { FrameQuery, KeptFrame, Rejection } from "../witness/view.js";
import type { Evidence } from "./frame-file.js";
import type { FrameStore } from "./frame-store.js";

/** What a witness keeps for years: frames that can be found, what was refused, what contradicts. */
export interface WitnessStore extends FrameStore {
  /** Frames, and those of them that have no verdict yet. */
  readonly size: number;
  readonly undecidedSize: number;
  /** Bytes on disk that are in use. */
  readonly bytes: number;
  /** Commits until now, and the seconds that they took in all. */
  readonly commits: { readonly count: number; readonly seconds: number };

  /** In the order of signing. Frames that are not durable yet may be missing. */
  frames(query: FrameQuery): KeptFrame[];
  frame(kid: string, position: Position): KeptFrame | undefined;

  /** Of what was refused the newest are kept. */
  refuse(rejection: Omit<Rejection, "number">): Rejection;
  /** The newest first, of those before `before`. */
  rejections(before: number | undefined, limit: number): Rejection[];

  /** Frames that contradict the ones that are kept at their places. */
  readonly contradictions: Evidence;
  /** Each with the frame that came first for its place. */
  evidence(kid: string): (readonly [Uint8Array, Uint8Array])[];

  /**
   * Frames that are dated `from` to `until`, in Unix seconds, both included; ordered by kid, boot
   * and sequence. What is appended meanwhile may be among them or not.
   */
  dated(from: number, until: number): Iterable<KeptFrame>;
  /** A text that outlasts a restart, such as how far an import got. */
  note(name: string): string | undefined;
  setNote(name: string, value: string): void;

  /**
   * Removes frames of days (UTC) that end before `before`, in Unix seconds, but none without a
   * verdict. Returns how many.
   */
  sweep(before: number): Promise<number>;
  /** The start of the first day (UTC) of which frames are kept, in Unix seconds. */
  firstDay(): number | undefined;
  /** Copies the store as it is now, while it is used. Throws where `file` is there. */
  backup(file: string): Promise<void>;
}
