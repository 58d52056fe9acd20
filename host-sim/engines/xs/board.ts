import { createAgent } from "../../../agent/agent.js";
import type { AgentConfig } from "../../../agent/config.js";
import type { ClockState } from "../../../agent/frame/chain.js";
import type { Random } from "../../../agent/ports/random.js";
import type { Signer } from "../../../agent/ports/signer.js";
import type { ChannelConfig, SensorConfig } from "../../../agent/sampler.js";
import { AgentBoard, portsOf } from "./board/agent-board.js";
import { HostClock } from "./board/clock.js";
import type { FlashConfig } from "./board/flash.js";
import { host } from "./board/host.js";
import { runBoards } from "./board/run.js";
import { HostSensor } from "./board/sensor.js";
import { text } from "./board/text.js";

/** What Node tells a board at its start, in JSON. */
export interface XsBoardConfig {
  readonly agent: AgentConfig;
  readonly flash: FlashConfig;
  /** Flash and store are asked of Node by synchronous calls. */
  readonly isRemote: boolean;
  /** For the status message. */
  readonly about?: object;
  /** Names of the brokers. */
  readonly links: readonly string[];
  readonly sensors: readonly { readonly interval: number; readonly channels: readonly ChannelConfig[] }[];
  /** What the key-value store holds. A board that has taken it over lets go of it. */
  store?: Readonly<Record<string, readonly number[]>> | undefined;
  readonly clock: ClockState;
  /** Unix time in milliseconds at uptime 0. */
  readonly epoch: number;
}

// Ports that are the same for every board: in flash they cost none of them RAM.
const RANDOM: Random = Object.freeze({ fill: host.random });
const SIGNER: Signer = Object.freeze({
  /** Made when it is asked for, which is at the boot. */
  get publicKey() {
    const publicKey = new Uint8Array(33);
    host.publicKey(publicKey);
    return publicKey;
  },
  sign: host.sign,
  sha256: host.sha256,
});

runBoards((bytes) => {
  const config = JSON.parse(text(bytes)) as XsBoardConfig;
  // Not copies: an object costs RAM.
  for (const it of config.sensors) Object.assign(it, { sensor: new HostSensor(it.channels) });
  const ports = portsOf(config, {
    clock: new HostClock(config.clock, config.epoch),
    random: RANDOM,
    signer: SIGNER,
    sensors: config.sensors as readonly SensorConfig[],
  });
  return new AgentBoard(createAgent(ports, config.agent), ports);
});
