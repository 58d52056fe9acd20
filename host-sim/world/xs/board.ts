import { createAgent } from "../../../agent/agent.js";
import type { WallTime } from "../../../agent/ports/clock.js";
import type { Random } from "../../../agent/ports/random.js";
import type { Sensor, SensorSample } from "../../../agent/ports/sensor.js";
import type { Signer } from "../../../agent/ports/signer.js";
import type { ChannelConfig, SensorConfig } from "../../../agent/sampler.js";
import { AgentBoard, portsOf } from "../../engines/xs/board/agent-board.js";
import { HostClock } from "../../engines/xs/board/clock.js";
import { host } from "../../engines/xs/board/host.js";
import { runBoards } from "../../engines/xs/board/run.js";
import { text } from "../../engines/xs/board/text.js";
import type { XsBoardConfig } from "../../engines/xs/board.js";
import { FromVirtual, VirtualCall } from "./messages.js";

const DOUBLE = 8;

/** The time of day may jump at any moment, so it is asked for each time. */
class RemoteClock extends HostClock {
  readonly #answer: Uint8Array;

  /** `answer`: room for two doubles, which others may use between calls. */
  constructor(answer: Uint8Array, { clock, epoch }: XsBoardConfig) {
    super(clock, epoch);
    this.#answer = answer;
  }

  override wall(): WallTime {
    host.call(VirtualCall.wall, 0, this.#answer);
    return {
      state: host.double(this.#answer, 0) as WallTime["state"],
      unix: host.double(this.#answer, DOUBLE),
    };
  }
}

/** A sensor that is sampled in Node when the agent asks for it. */
class RemoteSensor implements Sensor {
  readonly #index: number;
  readonly #channels: readonly ChannelConfig[];
  readonly #answer: Uint8Array;
  readonly #sample: Record<string, number | undefined> = {};

  /** `answer`: room for a double for each channel, which others may use between calls. */
  constructor(index: number, channels: readonly ChannelConfig[], answer: Uint8Array) {
    this.#index = index;
    this.#channels = channels;
    this.#answer = answer;
  }

  configure(): void {}

  sample(): SensorSample | undefined {
    if (host.call(VirtualCall.sample, this.#index, this.#answer) === 0) return undefined;
    for (let i = 0; i < this.#channels.length; i++) {
      const value = host.double(this.#answer, DOUBLE * i);
      this.#sample[(this.#channels[i] as ChannelConfig).property] = Number.isNaN(value) ? undefined : value;
    }
    return this.#sample;
  }

  close(): void {}
}

/** The board's own signer, which tells what it is given to sign first; Node may refuse it, or cut the power. */
class WatchedSigner implements Signer {
  readonly publicKey = new Uint8Array(33);
  #hashed: Uint8Array = this.publicKey;

  constructor() {
    host.publicKey(this.publicKey);
  }

  sha256(data: Uint8Array, into: Uint8Array, at: number): void {
    this.#hashed = data;
    host.sha256(data, into, at);
  }

  sign(digest: Uint8Array, into: Uint8Array, at: number): void {
    host.call(VirtualCall.sign, 0, undefined, digest, this.#hashed);
    host.sign(digest, into, at);
  }
}

const RANDOM: Random = Object.freeze({
  fill: (into: Uint8Array) => void host.call(VirtualCall.random, into.length, into),
});

/**
 * The board of host-sim/engines/xs/board.ts, with ports that leave nothing for XS to decide but the
 * agent's own doing.
 */
runBoards((bytes) => {
  const config = JSON.parse(text(bytes)) as XsBoardConfig;
  // One for all: a typed array takes seven slots.
  const answer = new Uint8Array(
    DOUBLE * Math.max(2, ...config.sensors.map(({ channels }) => channels.length)),
  );
  // Not copies: an object costs RAM.
  for (const [index, it] of config.sensors.entries())
    Object.assign(it, { sensor: new RemoteSensor(index, it.channels, answer) });
  const ports = portsOf(config, {
    clock: new RemoteClock(answer, config),
    random: RANDOM,
    signer: new WatchedSigner(),
    sensors: config.sensors as readonly SensorConfig[],
  });
  const agent = createAgent(ports, config.agent);
  host.send(FromVirtual.booted, agent.boot);
  return new AgentBoard(agent, ports);
});
