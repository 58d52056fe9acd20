import { unhex } from "../../agent/cose/kid.js";
import type { Hasher } from "../../agent/ports/signer.js";
import { digestOf } from "../bytes.js";
import type { InventoryBody } from "../inventory/body.js";
import { keyOf, leafHash, rootOf, type Subtree } from "../inventory/tree.js";
import type { DeviceInventory, Inventories } from "../ports/inventories.js";
import type { WitnessStore } from "../ports/witness-store.js";
import type { KeptFrame } from "./view.js";

/** Frames that are hashed before others have their turn. */
const PIECE = 2000;

export interface InventoryParts {
  readonly store: Pick<WitnessStore, "dated">;
  readonly inventories: Inventories;
  readonly hasher: Hasher;
  /** Resolves when others had their turn. */
  readonly breathe: () => Promise<void>;
}

/**
 * Makes the inventory of an epoch over the frames that are kept now and dated `from` to `until`, in
 * Unix seconds, `until` not included; and keeps what it takes to prove one of them.
 */
export async function makeInventory(
  { store, inventories, hasher, breathe }: InventoryParts,
  { epoch, from, until }: { readonly epoch: number; readonly from: number; readonly until: number },
): Promise<InventoryBody> {
  const devices: DeviceInventory[] = [];
  let frames = 0;
  let gathered: Gathered | undefined;
  const finish = () => {
    if (gathered === undefined) return;
    const { kid, leaves, stretches } = gathered;
    devices.push({ kid, root: rootOf(leaves, hasher), stretches });
  };
  for (const frame of store.dated(from, until - 1)) {
    if (gathered?.name !== frame.kid) {
      finish();
      gathered = { name: frame.kid, kid: unhex(frame.kid), leaves: [], stretches: [] };
    }
    gathered.leaves.push(leafOf(frame, gathered.kid, hasher));
    extend(gathered.stretches, frame);
    if (++frames % PIECE === 0) await breathe();
  }
  finish();
  await inventories.write(epoch, devices);
  const root = rootOf(
    devices.map(({ kid, root }) => ({ key: kid, hash: root })),
    hasher,
  );
  return { root, frames, from, until };
}

interface Gathered {
  readonly name: string;
  readonly kid: Uint8Array;
  readonly leaves: Subtree[];
  readonly stretches: [number, number, number][];
}

export function leafOf(
  { boot, sequence, bytes }: Pick<KeptFrame, "boot" | "sequence" | "bytes">,
  kid: Uint8Array,
  hasher: Hasher,
): Subtree {
  const key = keyOf(kid, boot, sequence);
  return { key, hash: leafHash(key, digestOf(bytes, hasher), hasher) };
}

function extend(stretches: [number, number, number][], { boot, sequence }: KeptFrame): void {
  const last = stretches.at(-1);
  if (last !== undefined && last[0] === boot && last[1] + last[2] === sequence) last[2]++;
  else stretches.push([boot, sequence, 1]);
}
