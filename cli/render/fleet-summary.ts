import type { Engine } from "../../host-sim/engines/engine.js";
import type { FleetStatus } from "../../host-sim/fleet/fleet.js";

/** What a run is, beside what came of it. */
export interface FleetRun {
  readonly version: string;
  /** Makes the same boards again; null where they have a state of their own. */
  readonly seed: string | null;
  readonly network: string;
  readonly engine: Engine["name"];
  readonly seconds: number;
}

/** What `fieldmark sim --json` prints. */
export function fleetSummary(status: FleetStatus, { version, seed, network, engine, seconds }: FleetRun) {
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

export type FleetSummary = ReturnType<typeof fleetSummary>;
