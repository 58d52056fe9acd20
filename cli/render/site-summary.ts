import type { Engine } from "../../host-sim/engines/engine.js";
import type { SiteStatus } from "../../host-sim/fleet/site.js";

/** What a run is, beside what came of it. */
export interface SiteRun {
  readonly version: string;
  /** Makes the same boards again; null where they have a state of their own. */
  readonly seed: string | null;
  readonly network: string;
  readonly engine: Engine["name"];
  readonly seconds: number;
}

/** What `fieldmark sim --json` prints. */
export function siteSummary(status: SiteStatus, { version, seed, network, engine, seconds }: SiteRun) {
  const { devices, brokers, started_ms, ended, troubles, frames, readings, latency_ms } = status;
  return {
    version,
    seed,
    network,
    devices,
    brokers,
    engine,
    started_ms,
    seconds: Math.round(seconds * 10) / 10,
    ended,
    troubles,
    frames,
    readings,
    latency_ms,
  };
}

export type SiteSummary = ReturnType<typeof siteSummary>;
