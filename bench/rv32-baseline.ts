import { readFileSync, writeFileSync } from "node:fs";
import type { Rv32Counts } from "./rv32-measure.js";

/** What may be more than the baseline says before it is a failure. */
const GROWTH = 0.03;

/** The counts that were committed: bench/rv32-baseline.json. */
export function readBaseline(path: string): Rv32Counts {
  return JSON.parse(readFileSync(path, "utf8")) as Rv32Counts;
}

export function writeBaseline(path: string, counts: Rv32Counts): void {
  writeFileSync(path, `${JSON.stringify(counts, null, 2)}\n`);
}

const GROUPS = ["instructions", "ram", "flash"] as const;

/** What grew by more than 3 %, and parts that only one of the two has: a line each. */
export function grownParts(baseline: Rv32Counts, counts: Rv32Counts): string[] {
  const lines = GROUPS.flatMap((group) => {
    const [before, now] = [baseline[group], counts[group]];
    const names = new Set([...Object.keys(before), ...Object.keys(now)]);
    return [...names].flatMap((name) => {
      const [was, is] = [before[name], now[name]];
      if (was === undefined || is === undefined)
        return [`${group}, ${name}: only in ${was === undefined ? "what was counted" : "the baseline"}`];
      if (is <= was * (1 + GROWTH)) return [];
      return [`${group}, ${name}: ${was} before, ${is} now, ${((is / was - 1) * 100).toFixed(1)} % more`];
    });
  });
  if (lines.length === 0 || baseline.compiler === counts.compiler) return lines;
  return [`the baseline is of another compiler: ${baseline.compiler}; this is ${counts.compiler}`, ...lines];
}
