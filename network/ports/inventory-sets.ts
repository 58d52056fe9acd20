/** A frame as an inventory has it. */
export interface InventoryFrame {
  readonly boot: number;
  readonly sequence: number;
  /** SHA-256 of the frame, 32 bytes. */
  readonly digest: Uint8Array;
}

/** What stands in the inventories that a record's inputs name. Whoever makes it checked their roots. */
export interface InventorySets {
  /** Of all devices in any of them: in hex, in rising order, each once. */
  kids(): Iterable<string>;
  /** What a witness's inventory has of a device, in the order of signing, each place once. */
  frames(witness: number, kid: string): Iterable<InventoryFrame>;
}

/** Frames that were fetched. */
export interface FrameSource {
  /** The frame with this digest; undefined: it is not here. */
  frame(digest: Uint8Array): Uint8Array | undefined;
}
