import type { Hasher } from "../../agent/ports/signer.js";
import { KeptTree } from "../inventory/kept-tree.js";
import type { Prefix, Shape } from "../inventory/subtree.js";
import { SHOWN_DEPTH } from "../inventory/subtree-wire.js";
import type { Inventories } from "../ports/inventories.js";
import type { WitnessStore } from "../ports/witness-store.js";
import { ownFrames } from "./own-frames.js";

/** Trees that are held. */
const HELD = 3;
/** Frames that are read for one question, unless one device has more. */
const MAX_READ = 2000;

export interface KeptTreesParts extends Pick<WitnessStore, "frame"> {
  readonly inventories: Inventories;
}

/** The trees of the newest inventories that are asked for, made once each. */
export class KeptTrees {
  readonly #parts: KeptTreesParts;
  readonly #hasher: Hasher;
  readonly #trees = new Map<number, KeptTree>();
  /** Frames that were read since the last question began. */
  #read = 0;

  constructor(parts: KeptTreesParts, hasher: Hasher) {
    this.#parts = parts;
    this.#hasher = hasher;
  }

  /**
   * Undefined where there is no inventory of that epoch, or newer ones are held: otherwise whoever
   * asks for one epoch after another would have all of them made again and again.
   */
  tree(epoch: number): KeptTree | undefined {
    const held = this.#trees.get(epoch);
    const oldest = Math.min(...this.#trees.keys());
    if (held !== undefined || (this.#trees.size === HELD && epoch < oldest)) return held;
    const own = ownFrames(epoch, this.#parts.inventories, this.#parts, this.#hasher);
    const framesOf = (kid: string) => {
      const frames = own.frames(kid).map(({ boot, sequence, digest }) => ({ boot, sequence, digest }));
      this.#read += frames.length;
      return frames;
    };
    const tree = new KeptTree(this.#parts.inventories.devices(epoch), framesOf, this.#hasher);
    if (tree.size === 0) return undefined;
    this.#trees.set(epoch, tree);
    if (this.#trees.size > HELD) this.#trees.delete(oldest);
    return tree;
  }

  /** The epoch's inventory is another one now. */
  forget(epoch: number): void {
    this.#trees.delete(epoch);
  }

  /** As WitnessView has it. */
  subtrees(epoch: number, prefixes: readonly Prefix[]): (Shape | undefined)[] | undefined {
    const tree = this.tree(epoch);
    if (tree === undefined) return undefined;
    this.#read = 0;
    const shapes: (Shape | undefined)[] = [];
    for (const prefix of prefixes) {
      shapes.push(tree.expand(prefix, SHOWN_DEPTH));
      if (this.#read > MAX_READ) break;
    }
    return shapes;
  }
}
