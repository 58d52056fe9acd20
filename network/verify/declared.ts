import type { DroppedRange, Position } from "../../agent/frame/chain.js";
import type { PositionRanges } from "./position-ranges.js";

/** Whether the declared losses explain all that is missing between two frames. */
export function isDeclared(losses: PositionRanges, before: Position, after: Position): boolean {
  if (after.boot === before.boot) return losses.covers(after.boot, before.sequence + 1, after.sequence - 1);
  const startIsThere = losses.covers(after.boot, 0, after.sequence - 1);
  const endIsLost =
    losses.has({ boot: before.boot, sequence: before.sequence + 1 }) ||
    losses.hasBetween(before.boot, after.boot);
  return startIsThere && (endIsLost || after.sequence > 0);
}

/**
 * What is missing between two frames and not declared. None where they are of different boots: nobody knows how
 * many the earlier one had.
 */
export function missingOf(
  losses: PositionRanges,
  before: Position,
  after: Position,
): readonly DroppedRange[] {
  return after.boot === before.boot ? losses.rest(after.boot, before.sequence + 1, after.sequence - 1) : [];
}
