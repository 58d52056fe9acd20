import type { DroppedRange } from "../frame/chain.js";

/** Ranges that one frame of an agent declares at most: fewer than a judge takes, because each costs room. */
export const MAX_LOSSES = 4;

/**
 * Adds a range to ranges that are in the order of signing and apart from each other, and keeps them so. Ranges of
 * one boot are joined over what lies between when there are more than that: that declares frames
 * which did arrive, and is harmless. Ranges of more boots than that lose the oldest.
 */
export function addLoss(ranges: readonly DroppedRange[], added: DroppedRange): DroppedRange[] {
  const merged = [...ranges, added].sort((a, b) => a.boot - b.boot || a.first - b.first);
  joinNeighbours(merged, 1);
  if (merged.length > MAX_LOSSES) joinNeighbours(merged, Number.POSITIVE_INFINITY);
  return merged.slice(-MAX_LOSSES);
}

/**
 * Joins ranges of one boot of which the second starts at most `distance` after the first's end. From the front,
 * because a range that was joined may reach over several that follow.
 */
function joinNeighbours(ranges: DroppedRange[], distance: number): void {
  for (let i = 0; i + 1 < ranges.length; ) {
    const a = ranges[i] as DroppedRange;
    const b = ranges[i + 1] as DroppedRange;
    if (a.boot === b.boot && b.first <= a.last + distance)
      ranges.splice(i, 2, { boot: a.boot, first: a.first, last: Math.max(a.last, b.last) });
    else i++;
  }
}
