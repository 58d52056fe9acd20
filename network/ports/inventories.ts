/** Frames of one device in an inventory. */
export interface DeviceInventory {
  readonly kid: Uint8Array;
  /** Of the device's subtree. */
  readonly root: Uint8Array;
  /** Frames in the order of signing, as stretches without a gap: `[boot, first, count]`. */
  readonly stretches: readonly (readonly [boot: number, first: number, count: number])[];
}

/** The inventories that a witness signed, so that it can prove what was in them. */
export interface Inventories {
  /** Replaces what there is of that epoch. Durable, and whole or not there, when it resolves. */
  write(epoch: number, devices: Iterable<DeviceInventory>): Promise<void>;
  /** In the order of kids. Of an epoch that is not there: none. */
  devices(epoch: number): Iterable<Omit<DeviceInventory, "stretches">>;
  device(epoch: number, kid: Uint8Array): DeviceInventory | undefined;
  /** Removes those of earlier epochs; durable when it resolves. */
  removeBefore(epoch: number): Promise<void>;
}
