/**
 * Small values that outlive a power cut: boot counter, chain tip, configuration. NVS on a board.
 */
export interface KeyValue {
  /** A copy of the value, or undefined. Keys are 1 to 15 characters of a-z, 0-9, - (what NVS allows). */
  get(key: string): Uint8Array | undefined;
  /**
   * When this returns the value is durable. A power cut inside leaves the old value or the new one, never
   * a mixture. Throws where it cannot be stored.
   */
  set(key: string, value: Uint8Array): void;
  delete(key: string): void;
}
