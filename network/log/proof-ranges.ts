/** The entries from `start` to `end`, which is not one of them: one subtree, as RFC 6962 §2.1 parts a tree. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/**
 * Where a tree of `size` leaves, 2 or more, parts: the largest power of two below it
 * (RFC 6962 §2.1).
 */
export function splitOf(size: number): number {
  // No shifts: sizes go beyond 32 bits.
  let k = 1;
  while (k * 2 < size) k *= 2;
  return k;
}

/**
 * The subtrees whose hashes are the audit path of a leaf (PATH, RFC 6962 §2.1.1), in its order:
 * from the leaf up. `index` must be below `size`.
 */
export function inclusionRanges(index: number, size: number): Range[] {
  return pathTo(index, size, (end, start) => end - start === 1).slice(1);
}

/**
 * The subtrees from whose hashes the roots at `old` and at `size` both follow, in the order of RFC
 * 6962 §2.1.2 (SUBPROOF, with b false): the one that ends at `old`, then from there up. `old` must
 * be 1 to `size`.
 */
export function partingRanges(old: number, size: number): Range[] {
  return pathTo(old - 1, size, (end) => end === old);
}

/** The subtree with the leaf `index` at which `isLast` says to stop, then its siblings from there up. */
function pathTo(index: number, size: number, isLast: (end: number, start: number) => boolean): Range[] {
  const ranges: Range[] = [];
  let start = 0;
  let end = size;
  while (!isLast(end, start)) {
    const middle = start + splitOf(end - start);
    const isLeft = index < middle;
    ranges.push(isLeft ? { start: middle, end } : { start, end: middle });
    if (isLeft) end = middle;
    else start = middle;
  }
  ranges.push({ start, end });
  return ranges.reverse();
}

/**
 * The subtrees of a consistency proof (PROOF, RFC 6962 §2.1.2). The first is left out where it is
 * the whole old tree: whoever checks has its hash. None between sizes where there is nothing to
 * prove.
 */
export function consistencyRanges(old: number, size: number): Range[] {
  if (old === 0 || old === size) return [];
  const ranges = partingRanges(old, size);
  return ranges[0]?.start === 0 ? ranges.slice(1) : ranges;
}

/** The perfect subtrees that a subtree is made of, the largest first: at most 53. */
export function perfectRanges({ start, end }: Range): Range[] {
  const ranges: Range[] = [];
  for (let at = start; at < end; ) {
    const leaves = splitOf(end - at + 1);
    ranges.push({ start: at, end: at + leaves });
    at += leaves;
  }
  return ranges;
}
