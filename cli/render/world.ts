import { FAULT_KINDS, usualFaults } from "../../host-sim/world/faults/kinds.js";
import type { Failure, RunOptions } from "../../host-sim/world/options.js";
import { timeText } from "../../host-sim/world/oracles/oracle.js";
import type { Fault } from "../../host-sim/world/plan.js";
import type { RunResult } from "../../host-sim/world/run.js";
import { SABOTAGE_NAMES, SABOTAGES } from "../../host-sim/world/sabotage/all.js";
import type { SearchTally } from "../../host-sim/world/search.js";
import { tell } from "../output.js";

/** What `--json` prints of one run, but for its failure. `elapsed`: real milliseconds. */
export function summaryOf({ seed, devices, engine }: RunOptions, result: RunResult, elapsed: number) {
  const { trace, frames, cuts, faults, simulated } = result;
  return {
    seed,
    devices,
    engine: engine?.name ?? "node",
    seconds: Math.round(simulated / 1000),
    trace,
    frames,
    cuts,
    faults,
    /** Virtual time over real time. */
    speed: Math.round(simulated / elapsed),
  };
}

/** What `--json` prints of many runs. */
export interface SearchSummary extends SearchTally {
  readonly seed: number;
  readonly seconds: number;
  readonly speed: number;
  readonly failure: (Failure & { readonly replay: string }) | null;
}

export function runText(summary: ReturnType<typeof summaryOf>): string {
  const { seed, devices, seconds, trace, frames, cuts, faults, speed } = summary;
  const kinds = Object.entries(faults).map(([kind, count]) => `${count} ${kind}`);
  return `${[
    `seed ${seed}: ${devices} boards, ${timeText(seconds * 1000)} of virtual time, ${speed} times real time`,
    `frames  signed ${frames.signed}, verified ${frames.verified}, declared lost ${frames.dropped}, again ${frames.duplicate}`,
    `cuts    ${cuts} power cuts and resets`,
    `faults  ${kinds.join(", ") || "none"}`,
    `trace   ${trace}`,
  ].join("\n")}\n`;
}

export function searchText({ runs, seconds, signed, cuts, speed }: SearchSummary): string {
  const hours = Math.round(seconds / 3600);
  return `${runs} runs, ${hours} virtual hours (${speed} times real time), ${signed} frames, ${cuts} power cuts and resets\n`;
}

/** What failed, what it takes, and how to see it again. */
export function failureText(
  { oracle, message, at, board }: Failure,
  plan: readonly { readonly number: number; readonly fault: Fault }[],
  replay: string,
): string {
  const faults = plan.map(({ number, fault }) => `  ${number}: ${JSON.stringify(fault)}`);
  return `${[
    `FAILED  ${oracle}${board === null ? "" : ` (${board})`} at ${timeText(at)}: ${message}`,
    `with ${faults.length} faults:`,
    ...(faults.length > MOST_SHOWN
      ? [...faults.slice(0, MOST_SHOWN), `  … and ${faults.length - MOST_SHOWN} more`]
      : faults),
    `again:  ${replay}`,
  ].join("\n")}\n`;
}

/** Faults that are printed. */
const MOST_SHOWN = 30;
/** Milliseconds from one line of progress to the next. */
const PROGRESS = 5000;

/** One line in a while. */
export function searchProgress() {
  let last = 0;
  return {
    told({ seed }: RunOptions, { runs, simulated, cuts }: SearchTally, elapsed: number) {
      if (elapsed - last < PROGRESS) return;
      last = elapsed;
      const hours = Math.round(simulated / 3_600_000);
      tell(`${runs} runs up to seed ${seed}, ${hours} virtual hours, ${cuts} cuts, nothing found`);
    },
  };
}

/** What `list` prints. */
export function catalogue(what: "faults" | "sabotages"): string {
  const lines =
    what === "faults"
      ? usualFaults("witnesses").map((name) => [name, `of a ${FAULT_KINDS[name].scope}`] as const)
      : SABOTAGE_NAMES.map((name) => [name, SABOTAGES[name].what] as const);
  return lines.map(([name, text]) => `${name.padEnd(20)}${text}\n`).join("");
}
