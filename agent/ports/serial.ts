/** A wire of bytes, without frames and without promises: bytes may be lost, changed or added. */
export interface Serial {
  /** Starts to receive. Must not be called while it is open. */
  open(handler: SerialHandler): void;
  /** Hands bytes to the wire; copied before it returns. What does not fit into a bounded buffer is dropped, whole calls at a time. */
  write(data: Uint8Array): void;
  /** Nothing is called back any more. Harmless where it is not open. */
  close(): void;
}

/** Never called from inside a call of `open`, `write` or `close`. */
export interface SerialHandler {
  /** `data` is the port's own, and valid during the call only. */
  received(data: Uint8Array): void;
  /** The wire is gone, for instance its cable pulled. */
  closed(reason: string): void;
}
