import { type Agent, createAgent } from "../../agent/agent.js";
import type { AgentPorts } from "../../agent/agent-ports.js";
import { type AgentConfig, longestFrame } from "../../agent/config.js";
import type { WitnessConfig } from "../../agent/receipt/witness-config.js";
import type { SensorConfig } from "../../agent/sampler.js";
import type { UplinkConfig } from "../../agent/uplink/uplink.js";
import { SHIPPED } from "../engines/shipped.js";

/** Network of every virtual world. */
export const NETWORK = "virt";
/** The sensor configuration of all its boards. */
export const CONFIGURATION = "7669727475616c21";
const HOUR = 3_600_000;

/** How all boards of a world bring frames to brokers, but for the order. */
export const UPLINK = {
  copies: SHIPPED.copies,
  acknowledgements: SHIPPED.copies,
  window: SHIPPED.window,
  timeout: SHIPPED.timeout,
  backoff: { min: 250, max: SHIPPED.backoff.max },
} as const satisfies Omit<UplinkConfig, "order" | "absent">;

/** Seeds that this divides have boards that wait for no broker for long. */
const EVERY = 3;

/**
 * Milliseconds for which frames wait for a broker that is away, in the world of a seed; then they leave with fewer copies. Mostly longer
 * than any fault lasts, so that each frame must have two brokers; in every third world shorter than many, so that boards go on without.
 */
export function absentOf(seed: number): number {
  return seed % EVERY === 0 ? HOUR / 3 : 12 * HOUR;
}

export type VirtualBoardPorts = AgentPorts;

/** The agent itself, on the ports of a world. Here and nowhere else the simulator knows how an agent is made. */
export function createVirtualBoard(
  ports: VirtualBoardPorts,
  uplink: UplinkConfig,
  witnesses?: WitnessConfig,
): Agent {
  const config = agentConfig(ports, uplink);
  return createAgent(ports, witnesses === undefined ? config : { ...config, witnesses });
}

export function agentConfig(
  { sensors }: Pick<VirtualBoardPorts, "sensors">,
  uplink: UplinkConfig,
): AgentConfig {
  const readings = readingsOf(sensors);
  return {
    network: NETWORK,
    readings,
    age: 2000,
    frameBytes: longestFrame(NETWORK, readings, sensors),
    configuration: CONFIGURATION,
    uplink,
  };
}

/** A frame has one reading of each quantity. */
function readingsOf(sensors: readonly SensorConfig[]): number {
  return sensors.reduce((sum, { channels }) => sum + channels.length, 0);
}
