/**
 * Frames beside the store: those in quarantine, or evidence. Nothing here is proven by being here.
 */
export interface FrameFile {
  /** The frames that it holds. Damage is passed over. */
  read(): Iterable<Uint8Array>;
  /**
   * When this returns the frame survives the end of this process. Throws where it cannot be
   * written; the message must name the place.
   */
  append(frame: Uint8Array): void;
  /** `bytes` of what was appended are no longer wanted. Whether it is time to `rewrite`. */
  wasted(bytes: number): boolean;
  /** Writes `frames` in place of all that it has. Whole or not at all. */
  rewrite(frames: Iterable<Uint8Array>): void;
  close(): void;
}

/** What a verifier needs of a file that only grows. */
export type Evidence = Pick<FrameFile, "read" | "append" | "close">;
