/**
 * Authentic frames in the order of arrival: the truth that survives a restart; all else that a
 * verifier knows is made from it. Only ever appended to.
 */
export interface FrameStore {
  /**
   * When this returns the frame survives the end of this process; the machine's after the next
   * `sync`. Where it throws, as on a full disk, nothing of the frame may be stored; the message
   * must name the place.
   */
  append(frame: Uint8Array): void;
  /** Gives every frame that is stored to `replay` once more, in order. */
  replay(replay: (frame: Uint8Array) => void): void;
  /** Throws where what was appended may not survive. */
  sync(): void;
  close(): void;
}

/** What a store held when it was opened. */
export interface Recovery {
  readonly frames: number;
  /** Bytes of a frame that was being written when the last process ended; cut off. */
  readonly torn: number;
}

/**
 * Opens a store, and gives every frame in it to `replay`, in order. Throws InputError where it is
 * damaged, or another process has it.
 */
export type OpenFrameStore = (replay: (frame: Uint8Array) => void) => {
  readonly store: FrameStore;
  readonly recovery: Recovery;
};
