import { mkdirSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { openToOverwrite, overwriteFile } from "../node/files.js";
import type { Check } from "./render/checks.js";
import type { FleetSummary } from "./render/fleet-summary.js";
import { junitText } from "./render/junit.js";
import { VERSION } from "./version.js";

export interface ArtifactOptions {
  artifacts?: string;
  junit?: string;
  out?: string;
}

/** What a run of `sim` leaves behind for whoever looks at it later, also where it fails. */
export interface Artifacts {
  /** Where the frames go: with a folder of artifacts into it, where nothing else is said. */
  readonly out: string | undefined;
  log(line: string): void;
  write(summary: FleetSummary | undefined, checks: readonly Check[], about: RunAbout): void;
}

export interface RunAbout {
  readonly seed: string | null;
  readonly network: string | null;
}

/** Makes the folder, and takes out what an earlier run left under the same names. */
export function openArtifacts({ artifacts: folder, junit, out }: ArtifactOptions): Artifacts {
  const inFolder = (name: string) => (folder === undefined ? undefined : join(folder, name));
  let log: number | undefined;
  if (folder !== undefined) {
    mkdirSync(folder, { recursive: true });
    for (const name of ["summary.json", "junit.xml", "seed.txt"]) rmSync(join(folder, name), { force: true });
    log = openToOverwrite(join(folder, "sim.log"));
  }
  return {
    out: out ?? inFolder("frames.cborseq"),
    log(line) {
      if (log !== undefined) writeSync(log, `${line}\n`);
    },
    write(summary, checks, about) {
      const failed = checks.flatMap(({ failure }) => failure ?? []);
      const xml = junitText(checks, summary?.seconds ?? 0, {
        version: VERSION,
        seed: about.seed ?? "none",
        network: about.network ?? "none",
      });
      for (const path of [junit, inFolder("junit.xml")]) if (path !== undefined) overwriteFile(path, xml);
      if (folder === undefined) return;
      for (const line of failed) this.log(`not fine: ${line}`);
      const whole = { ...(summary ?? { ...about, version: VERSION }), failed };
      overwriteFile(join(folder, "summary.json"), `${JSON.stringify(whole, null, 2)}\n`);
      overwriteFile(join(folder, "seed.txt"), `${about.seed ?? "none: the boards are those of --state"}\n`);
    },
  };
}
