import type { FleetSummary } from "./fleet-summary.js";

/** One thing that a run of `sim` must hold to. */
export interface Check {
  readonly name: string;
  /** In words; undefined where all is fine. */
  readonly failure: string | undefined;
}

export interface Gates {
  /** Frames that must be verified at least. */
  readonly minFrames?: number;
  /** Milliseconds from signature to verdict that 99 of 100 frames may take. */
  readonly maxP99?: number;
}

/** `summary`: undefined where the run never began. `failure`: what ended it before its time. */
export function checksOf(
  summary: FleetSummary | undefined,
  failure: Error | undefined,
  { minFrames, maxP99 }: Gates,
): Check[] {
  const checks: Check[] = [{ name: "the run goes to its end", failure: failure?.message }];
  if (summary === undefined) return checks;
  const { frames, ended, latency_ms } = summary;
  const expectNone = (name: string, count: number, what: string) =>
    checks.push({ name, failure: count === 0 ? undefined : `${count} ${what}` });
  expectNone("no frame is lost", frames.lost, "frames lost");
  expectNone("no frame is rejected", sum(frames.rejected), "rejected");
  expectNone("no board ends by itself", sum(ended), "boards ended by themselves");
  if (minFrames !== undefined)
    checks.push({
      name: `--min-frames ${minFrames}`,
      failure:
        frames.verified >= minFrames
          ? undefined
          : `${frames.verified} frames verified, and --min-frames wants ${minFrames}`,
    });
  if (maxP99 !== undefined) {
    const { p99 } = latency_ms;
    const fails = p99 === null || p99 > maxP99;
    checks.push({
      name: `--max-p99 ${maxP99}`,
      failure: fails ? `p99 is ${p99 ?? "unknown"} ms, and --max-p99 allows ${maxP99}` : undefined,
    });
  }
  return checks;
}

function sum(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((a, b) => a + b, 0);
}
