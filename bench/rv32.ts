import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Figure, Section } from "./harness.js";
import { readBaseline, writeBaseline } from "./rv32-baseline.js";

/** Instructions a millisecond at 160 MHz, one a cycle: an ESP32-C3 takes longer where flash's cache misses. */
const PER_MILLISECOND = 160_000;
const GOALS: Readonly<Record<string, number>> = {
  "boot to first signed frame": 20e6,
  "sample to frame": 3e6,
  "sample to frame: sign": 1.5e6,
};
const RAM_GOAL = 64 * 1024;

/**
 * Instructions and bytes of a board on an emulated RV32IMC core, beside the committed baseline. FIELDMARK_RV32_BASELINE=write makes what
 * was counted the baseline.
 */
export function rv32Section(root: URL): Section {
  return { name: "rv32", run: () => run(fileURLToPath(root)) };
}

async function run(root: string): Promise<Figure[]> {
  // It wants esbuild, a package for development: without that, the other sections run.
  const { measureRv32 } = await import("./rv32-measure.js");
  const counts = await measureRv32(root, (line) => process.stderr.write(`${line}\n`));
  const path = join(root, "bench/rv32-baseline.json");
  if (process.env.FIELDMARK_RV32_BASELINE === "write") writeBaseline(path, counts);
  const baseline = existsSync(path) ? readBaseline(path) : undefined;
  const figures = (group: "instructions" | "ram" | "flash", unit: string): Figure[] =>
    Object.entries(counts[group]).map(([name, value]) => {
      const before = baseline?.[group][name];
      const goal = GOALS[name];
      const time = ` (about ${(value / PER_MILLISECOND).toFixed(2)} ms at 160 MHz)`;
      return {
        name: `${name}${group === "instructions" ? time : ""}`,
        value,
        unit,
        ...(before !== undefined && {
          reference: { name: "baseline", value: before, unit },
          ratio: value / before,
        }),
        ...(goal !== undefined && {
          goal: { text: `at most ${goal.toLocaleString("en")}`, met: value <= goal },
        }),
      };
    });
  const sum = (values: Readonly<Record<string, number>>) => Object.values(values).reduce((a, b) => a + b, 0);
  const ram = sum(counts.ram);
  return [
    ...figures("instructions", "instructions"),
    ...figures("ram", "B of RAM"),
    {
      name: "all RAM in use, at most",
      value: ram,
      unit: "B of RAM",
      goal: { text: `at most ${RAM_GOAL.toLocaleString("en")}`, met: ram <= RAM_GOAL },
    },
    ...figures("flash", "B of flash"),
    { name: "the whole image", value: sum(counts.flash), unit: "B of flash" },
  ];
}
