import { usualFaults } from "./faults/kinds.js";
import type { RunOptions } from "./options.js";

const UNITS = [
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1000],
] as const;

/** A duration as the command line takes it: in the largest unit in which it is whole. Milliseconds. */
export function durationText(milliseconds: number): string {
  for (const [unit, length] of UNITS)
    if (milliseconds % length === 0) return `${milliseconds / length}${unit}`;
  return `${milliseconds}ms`;
}

/** The command that runs this again. `planFile`: where the plan is, where it is not the one that the seed makes. */
export function replayCommand(options: RunOptions, planFile?: string): string {
  const { keep, seed, devices, engine, duration, interval, kinds, sabotage, only, boards, until } = options;
  const parts = [`fieldmark world --seed ${seed} --devices ${devices} --for ${durationText(duration)}`];
  if (engine !== undefined && engine.name !== "node") parts.push(`--engine ${engine.name}`);
  if (keep === "witnesses") parts.push("--keep witnesses");
  if (interval !== 60_000) parts.push(`--interval ${durationText(interval)}`);
  if (kinds.length === 0) parts.push("--faults none");
  else if (kinds.length !== usualFaults(keep).length) parts.push(`--faults ${kinds.join(",")}`);
  if (sabotage !== undefined) parts.push(`--sabotage ${sabotage}`);
  if (planFile !== undefined) parts.push(`--plan ${planFile}`);
  if (only !== undefined) parts.push(`--only ${only.length === 0 ? "none" : only.join(",")}`);
  if (boards !== undefined) parts.push(`--boards ${boards.join(",")}`);
  if (until !== undefined) parts.push(`--until ${durationText(until)}`);
  return parts.join(" ");
}
