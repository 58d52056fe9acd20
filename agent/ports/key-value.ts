import type { StoreKey } from "./store-keys.js";

/**
 * Small values that outlive a power cut: boot counter, chain tip, configuration. NVS on a board.
 * `Key`: the agent uses those listed in store-keys.ts; a binding takes any.
 */
export interface KeyValue<Key extends string = StoreKey> {
  /** A copy of the value, or undefined. Keys are 1 to 15 characters of a-z, 0-9, - (what NVS allows). */
  get(key: Key): Uint8Array | undefined;
  /**
   * When this returns the value is durable. A power cut inside leaves the old value or the new one, never
   * a mixture. Throws where it cannot be stored.
   */
  set(key: Key, value: Uint8Array): void;
  delete(key: Key): void;
}
