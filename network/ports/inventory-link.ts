import type { Prefix, Shape } from "../inventory/subtree.js";

/** The way to one witness's inventories. Nothing that comes by it is proven. */
export interface InventoryLink {
  /**
   * What is below each prefix, in their order, in the inventory that it signed for an epoch;
   * MAX_QUERIES prefixes at most. The last may be left out: they are to be asked for again. Rejects
   * where it does not say within a time.
   */
  subtrees(epoch: number, prefixes: readonly Prefix[]): Promise<readonly (Shape | undefined)[]>;
  /**
   * The frames at places, KEY_BYTES each, in their order; MAX_PLACES at most. Rejects where it does
   * not say within a time.
   */
  frames(places: readonly Uint8Array[]): Promise<readonly (Uint8Array | undefined)[]>;
}
