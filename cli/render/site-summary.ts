import type { Engine } from "../../host-sim/engine.js";
import type { SiteStatus } from "../../host-sim/site.js";

/** What `fieldmark sim --json` prints. */
export function siteSummary(status: SiteStatus, engine: Engine["name"], seconds: number) {
  const { devices, brokers, started_ms, ended, frames, readings, latency_ms } = status;
  return {
    devices,
    brokers,
    engine,
    started_ms,
    seconds: Math.round(seconds * 10) / 10,
    ended,
    frames,
    readings,
    latency_ms,
  };
}

export type SiteSummary = ReturnType<typeof siteSummary>;
