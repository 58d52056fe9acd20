import { hex } from "../../agent/cose/kid.js";
import type { Hasher } from "../../agent/ports/signer.js";
import { fetchFrames, type Wanted } from "../inventory/fetch-frames.js";
import { type Difference, differences, UnansweredError } from "../inventory/reconcile.js";
import type { InventoryTree } from "../inventory/subtree.js";
import type { InventoryLink } from "../ports/inventory-link.js";
import type { NamedInventory } from "./inputs.js";
import { NamedSets, type OwnFrames } from "./named-sets.js";

export interface GatherParts {
  /** Of the own inventory of that epoch; where there is none, of nothing. */
  readonly tree: InventoryTree;
  /** The frames in it. */
  readonly frames: OwnFrames;
  /** To the other witnesses, by their places in the description. */
  readonly links: ReadonlyMap<number, InventoryLink>;
  /** Inventories that must have a frame for it to count: f + 1. */
  readonly holders: number;
  readonly hasher: Hasher;
}

/**
 * What each named inventory has, and the frames that count by it and are not here. An inventory is
 * asked for from its witness, then from others that signed the same root. Rejects with
 * UnansweredError where none of them shows it: nobody can say then what counts. A frame that nobody
 * gives is left out, and blocks nothing.
 */
export async function gatherSets(named: readonly NamedInventory[], parts: GatherParts): Promise<NamedSets> {
  const { frames, links, holders, hasher } = parts;
  const sets = new NamedSets(frames, hasher);
  const known = new Map<string, readonly Difference[]>();
  const wanted = new Map<string, Wanted & { readonly holders: number[] }>();
  for (const one of named) {
    const { witness, body } = one;
    const name = `${hex(body.root)} ${body.frames}`;
    const found = known.get(name) ?? (await differencesOf(one, named, parts));
    known.set(name, found);
    sets.differs(witness, found);
    for (const { key, theirs: digest } of found) {
      if (digest === undefined) continue;
      const place = `${hex(key)} ${hex(digest)}`;
      const want = wanted.get(place) ?? { key, digest, holders: [] };
      wanted.set(place, want);
      want.holders.push(witness);
    }
  }
  const counting = [...wanted.values()].filter((want) => want.holders.length >= holders);
  for await (const frame of fetchFrames(counting, links, hasher)) sets.add(frame);
  return sets;
}

async function differencesOf(
  { witness, epoch, body }: NamedInventory,
  named: readonly NamedInventory[],
  { tree, links, hasher }: GatherParts,
): Promise<Difference[]> {
  const root = hex(body.root);
  const same = named.filter((one) => one.witness !== witness && hex(one.body.root) === root);
  let reason = "";
  for (const from of [witness, ...same.map((one) => one.witness)]) {
    const link = links.get(from);
    const ask = async (prefixes: Parameters<InventoryLink["subtrees"]>[1]) => {
      if (link === undefined) throw new UnansweredError("there is no way to it");
      return link.subtrees(epoch, prefixes);
    };
    try {
      const found: Difference[] = [];
      for await (const one of differences(tree, body, ask, hasher)) found.push(one);
      return found;
    } catch (error) {
      reason = (error as Error).message;
    }
  }
  throw new UnansweredError(`the inventory of witness ${witness} cannot be had: ${reason}`);
}
