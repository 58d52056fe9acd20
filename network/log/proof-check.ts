import { inclusionRanges, partingRanges } from "./proof-ranges.js";
import { sameHash, type TreeHasher } from "./tree-hash.js";

/** Hashes in a proof at most: a tree has no more levels (tlog-witness, "add-checkpoint"). */
export const MAX_PROOF_HASHES = 63;

/**
 * Whether `hashes` is the audit path (RFC 6962 §2.1.1) from a leaf to `root`. False for anything
 * that is not, whatever the numbers are.
 */
export function verifyInclusion(
  tree: TreeHasher,
  index: number,
  size: number,
  leaf: Uint8Array,
  hashes: readonly Uint8Array[],
  root: Uint8Array,
): boolean {
  if (!isSize(size) || !isSize(index) || index >= size) return false;
  const ranges = inclusionRanges(index, size);
  if (hashes.length !== ranges.length) return false;
  const made = ranges.reduce(
    (hash, { start }, at) => join(tree, start <= index, hashes[at] as Uint8Array, hash),
    leaf,
  );
  return sameHash(made, root);
}

/**
 * Whether `hashes` proves that the tree of `size` and `root` begins with all of the tree of `old` and
 * `oldRoot` (RFC 6962 §2.1.2). With an `old` of 0, or with equal sizes, no hashes are the proof. False
 * for anything that is not, whatever the numbers are.
 */
export function verifyConsistency(
  tree: TreeHasher,
  old: number,
  oldRoot: Uint8Array,
  size: number,
  root: Uint8Array,
  hashes: readonly Uint8Array[],
): boolean {
  if (!isSize(old) || !isSize(size) || old > size) return false;
  if (old === 0) return hashes.length === 0 && sameHash(oldRoot, tree.empty);
  if (old === size) return hashes.length === 0 && sameHash(oldRoot, root);
  const first = partingRanges(old, size)[0];
  const roots = partedRoots(tree, old, size, first?.start === 0 ? [oldRoot, ...hashes] : hashes);
  return roots !== undefined && sameHash(roots.old, oldRoot) && sameHash(roots.new, root);
}

/**
 * The roots at both sizes that follow from the hashes of `partingRanges`; undefined where there are
 * more hashes or fewer. Where `new` is a tree's root, `old` is what that tree had at the old size: no
 * other hashes lead to it. `old` must be 1 to `size`.
 */
export function partedRoots(
  tree: TreeHasher,
  old: number,
  size: number,
  hashes: readonly Uint8Array[],
): { readonly old: Uint8Array; readonly new: Uint8Array } | undefined {
  const [first, ...ranges] = partingRanges(old, size);
  const [seed, ...others] = hashes;
  if (first === undefined || seed === undefined || others.length !== ranges.length) return undefined;
  let before = seed;
  let after = seed;
  for (const [at, { start }] of ranges.entries()) {
    const hash = others[at] as Uint8Array;
    const isLeft = start < first.start;
    if (isLeft) before = tree.node(hash, before);
    after = join(tree, isLeft, hash, after);
  }
  return { old: before, new: after };
}

function join(tree: TreeHasher, isLeft: boolean, hash: Uint8Array, other: Uint8Array): Uint8Array {
  return isLeft ? tree.node(hash, other) : tree.node(other, hash);
}

const isSize = (number: number) => Number.isSafeInteger(number) && number >= 0;
