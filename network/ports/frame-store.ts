import type { Frame } from "../../agent/frame/parse.js";
import type { Kept } from "../verify/judge-init.js";
import type { Arrival, Judgement } from "../verify/judgement.js";

/**
 * Authentic frames: the truth that survives a restart; all else that a verifier knows is made from
 * it. There are two kinds. One gives all that it has when it is opened. The other can find a
 * device's frames, and gives them when the device is first heard of: it has all optional members.
 */
export interface FrameStore {
  /**
   * When this returns, or where there is `durable`, when that resolves, the frame survives the end
   * of this process. Where it throws, as on a full disk, nothing of the frame may be stored; the
   * message must name the place. `arrival`: how it came. Must not keep `bytes`.
   */
  append(bytes: Uint8Array, frame: Frame, arrival?: Arrival): void;
  /**
   * Resolves when all that was appended survives the end of this process and of the machine.
   * Undefined where it does now. Rejects where it cannot be written.
   */
  durable?(): Promise<void> | undefined;
  /** What is said of a frame that it has. A frame of which nothing was said is `undecided`. */
  judged?(judgement: Judgement): void;
  /** Devices, by their kids in hex, that have frames without a judgement. */
  undecided?(): Iterable<string>;
  /** A device's newest frames, and all without a judgement, in the order of signing. */
  recall?(kid: string): Iterable<Kept>;
  /** The frame that it has at the place of this one. */
  at?(frame: Frame): Uint8Array | undefined;
  /** Gives every frame that is stored to `replay` once more, in order. Of the first kind. */
  replay(replay: (frame: Uint8Array) => void): void;
  /** Throws where what was appended may not survive. */
  sync(): void;
  close(): void | Promise<void>;
}

/** What a store held when it was opened. */
export interface Recovery {
  readonly frames: number;
  /** Bytes of a frame that was being written when the last process ended; cut off. */
  readonly torn: number;
}

/**
 * Opens a store. One of the first kind gives every frame in it to `replay`, in order. Throws
 * InputError where it is damaged, or another process has it.
 */
export type OpenFrameStore = (replay: (frame: Uint8Array) => void) => {
  readonly store: FrameStore;
  readonly recovery: Recovery;
};
