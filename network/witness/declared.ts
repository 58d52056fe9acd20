import type { DroppedRange, Position } from "../../agent/frame/chain.js";

/** Whether the declared losses explain all that is missing between two frames. */
export function isDeclared(losses: readonly DroppedRange[], before: Position, after: Position): boolean {
  if (after.boot === before.boot) return missingOf(losses, before, after).length === 0;
  const startIsThere = after.sequence === 0 || restOf(losses, after.boot, 0, after.sequence - 1).length === 0;
  const endIsLost = losses.some(
    ({ boot, first, last }) =>
      (boot === before.boot && first <= before.sequence + 1 && last > before.sequence) ||
      (boot > before.boot && boot < after.boot),
  );
  return startIsThere && (endIsLost || after.sequence > 0);
}

/**
 * What is missing between two frames and not declared. None where they are of different boots: nobody knows how
 * many the earlier one had.
 */
export function missingOf(
  losses: readonly DroppedRange[],
  before: Position,
  after: Position,
): readonly DroppedRange[] {
  return after.boot === before.boot
    ? restOf(losses, after.boot, before.sequence + 1, after.sequence - 1)
    : [];
}

/** `first` to `last` of a boot, without the losses. */
function restOf(losses: readonly DroppedRange[], boot: number, first: number, last: number): DroppedRange[] {
  const rest: DroppedRange[] = [];
  let next = first;
  const ranges = losses.filter((range) => range.boot === boot).sort((a, b) => a.first - b.first);
  for (const range of ranges) {
    if (range.first > last) break;
    if (range.first > next) rest.push({ boot, first: next, last: range.first - 1 });
    next = Math.max(next, range.last + 1);
  }
  if (next <= last) rest.push({ boot, first: next, last });
  return rest;
}
