import type { CutPlace } from "../../../host-sim/virtual-board/flash/nor.js";
import { Torture, type TortureOptions } from "./torture.js";

export interface Exhausted {
  cuts: number;
  tornPrograms: number;
  tornErases: number;
  /** Programs and erases of the run that was cut. */
  operations: number;
  /** Erases of each of its sectors, at least. */
  rounds: number;
}

/** Where the recovery is cut: at an operation of the flash, or when the key-value store is written. */
type Second = [number, CutPlace] | "store before" | "store after";

/** Frames that the short run appends. */
const FRAMES = 60;
/** Ways in which each operation of the run is torn. */
const TEARS = 4;
/** What is done after the last recovery. */
const STEPS = 12;

/**
 * Cuts a short run before, inside and after every one of its programs and erases; and then, for each of these cuts, the recovery that
 * follows likewise.
 */
export function exhaust(options: TortureOptions): Exhausted {
  const sum: Exhausted = { cuts: 0, tornPrograms: 0, tornErases: 0, ...measure(options) };
  const cut = (operation: number, place: CutPlace, tearSeed: number, second?: Second) => {
    const torture = new Torture({ ...options, tearSeed });
    torture.chip.cutAt(operation, place);
    if (torture.survives(() => torture.script(FRAMES)))
      throw new Error(`operation ${operation} does not come`);
    if (second === "store before") torture.storeCut = "before";
    else if (second === "store after") torture.storeCut = "after";
    else if (second !== undefined) torture.chip.cutAt(...second);
    const recovered = torture.survives(() => torture.boot());
    if (recovered) torture.chip.powerOff();
    torture.boot();
    for (let i = 0; i < STEPS; i++) torture.step();
    torture.finish();
    sum.cuts += torture.seen.cuts;
    sum.tornPrograms += torture.chip.counts.tornPrograms;
    sum.tornErases += torture.chip.counts.tornErases;
    return recovered;
  };
  for (let operation = 0; operation < sum.operations; operation++)
    for (const [place, tearSeed] of variants(operation)) {
      cut(operation, place, tearSeed);
      cut(operation, place, tearSeed, "store before");
      cut(operation, place, tearSeed, "store after");
      for (const again of ["before", "inside", "after"] as const)
        for (let next = 0; !cut(operation, place, tearSeed, [next, again]); next++);
    }
  return sum;
}

function variants(operation: number): [CutPlace, number][] {
  const torn = Array.from({ length: TEARS }, (_, i): [CutPlace, number] => ["inside", operation * TEARS + i]);
  return [["before", 0], ["after", 0], ...torn];
}

function measure(options: TortureOptions): Pick<Exhausted, "operations" | "rounds"> {
  const torture = new Torture(options);
  torture.script(FRAMES);
  const { counts, erasesOf } = torture.chip;
  return { operations: counts.programs + counts.erases, rounds: Math.min(...erasesOf) };
}
