import type { Dice } from "../dice.js";
import type { Fault } from "../plan.js";
import type { World } from "../world.js";

/** One thing that can go wrong: how often, how, and what it does to a world. */
export interface FaultKind {
  readonly scope: "board" | "route" | "broker" | "verifier";
  /** How often it befalls one of its targets in a virtual day; at least once in a run. */
  readonly perDay: number;
  make(dice: Dice): Pick<Fault, "for" | "how">;
  /** Returns what ends it. A fault that the assumptions do not allow now does nothing, and says so in the trace. */
  begin(world: World, fault: Fault): () => void;
}

/** Milliseconds: mostly from `least` to `most`; in one of eight, up to `longest`. */
export function lasting(dice: Dice, least: number, most: number, longest = most): number {
  return dice.below(8) === 0 ? dice.between(most, longest) : dice.between(least, most);
}
