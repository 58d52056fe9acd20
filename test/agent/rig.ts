import { type Agent, type AgentEvent, createAgent } from "../../agent/agent.js";
import type { AgentConfig } from "../../agent/config.js";
import { createFrameChecker } from "../../agent/frame/check.js";
import type { Frame } from "../../agent/frame/parse.js";
import { createMemoryOutbox } from "../../agent/outbox/memory.js";
import type { Outbox } from "../../agent/outbox/outbox.js";
import type { KeyValue } from "../../agent/ports/key-value.js";
import type { Link } from "../../agent/ports/link.js";
import type { Random } from "../../agent/ports/random.js";
import type { Sensor, SensorSample } from "../../agent/ports/sensor.js";
import type { SensorConfig } from "../../agent/sampler.js";
import { createMemoryKeyValue } from "../../host-sim/ports/key-value.js";
import { MemoryBroker } from "../../host-sim/ports/memory-link.js";
import { signatureChecker } from "../../host-sim/ports/signer.js";
import { TEST_NETWORK, testEnrolment, testSigner } from "../support/frames.js";
import { type BoardClock, VirtualClock } from "../support/virtual-clock.js";
import { recorded, type Traffic } from "./traffic.js";

/** The same bytes from the same seed (xorshift32). */
export function seededRandom(seed: number): Random {
  let state = Math.imul(seed, 0x9e3779b1) | 1;
  return {
    fill(into) {
      for (let i = 0; i < into.length; i++) {
        state ^= state << 13;
        state ^= state >>> 17;
        state ^= state << 5;
        into[i] = state & 0xff;
      }
    },
  };
}

/** A sensor that gives what `sample` gives. */
export function sensorOf(sample: () => SensorSample | undefined): Sensor {
  return { configure() {}, sample, close() {} };
}

/** One quantity, sampled every second, that counts up from 0.01. */
export function countingSensor(interval = 1000): SensorConfig {
  let value = 0;
  return {
    sensor: sensorOf(() => ({ temperature: ++value / 100 })),
    interval,
    channels: [{ property: "temperature", name: "temperature", unit: "Cel", digits: 2 }],
  };
}

export const RIG_CONFIG: AgentConfig = {
  network: TEST_NETWORK,
  readings: 1,
  age: 60_000,
  frameBytes: 512,
  uplink: { copies: 2, window: 8, timeout: 5000, backoff: { min: 250, max: 5000 } },
};

const checker = createFrameChecker(testEnrolment, signatureChecker);

/** The frame in `bytes`, whose signature is good. */
export function checkedFrame(bytes: Uint8Array): Frame {
  const result = checker.check(bytes);
  if ("failure" in result) throw new Error(`${result.failure.verdict}: ${result.failure.detail}`);
  return result.frame;
}

/** A board, its flash, and brokers in memory with a subscriber at each, all on one virtual clock. */
export class Rig {
  readonly world = new VirtualClock();
  readonly brokers: MemoryBroker[];
  /** What the board's flash has kept. */
  readonly flash = new Map<string, Uint8Array>();
  store: KeyValue = createMemoryKeyValue(this.flash);
  readonly events: AgentEvent[] = [];
  /** Every delivery, in order. */
  readonly received: Uint8Array[] = [];
  /** What went over the links. */
  readonly traffic: Traffic[] = [];
  /** Called with every event, after it was written down. */
  onEvent: (event: AgentEvent) => void = () => {};
  outbox: Outbox;
  agent: Agent | undefined;
  #links: Link[] = [];
  #clock: BoardClock | undefined;
  readonly #random: Random;

  constructor({ brokers = 2, seed = 1 } = {}) {
    this.brokers = Array.from({ length: brokers }, (_, i) => new MemoryBroker(`b${i}`, this.world));
    for (const broker of this.brokers) {
      broker.latency = 5;
      broker.subscribe((payload) => this.received.push(payload));
    }
    this.#random = seededRandom(seed);
    this.outbox = createMemoryOutbox(1, 1);
  }

  /** Switches the board on. The outbox is in RAM: it starts empty. */
  boot(config: Partial<AgentConfig> = {}, sensors = [countingSensor()], capacity = 64): Agent {
    const all = { ...RIG_CONFIG, ...config };
    this.outbox = createMemoryOutbox(capacity, all.frameBytes);
    this.#links = this.brokers.map((broker) => recorded(broker.link(), this.world, this.traffic));
    this.#clock = this.world.boot();
    this.agent = createAgent(
      {
        clock: this.#clock,
        random: this.#random,
        signer: testSigner,
        store: this.store,
        outbox: this.outbox,
        links: this.#links,
        sensors,
        observe: (event) => {
          this.events.push(event);
          this.onEvent(event);
        },
      },
      all,
    );
    return this.agent;
  }

  /** The power is gone: the board does nothing any more, and says goodbye to nobody. */
  cut(): void {
    this.#clock?.cut();
    for (const link of this.#links) link.close();
  }

  /** The frames that arrived, each once, in the order of first arrival. */
  frames(): Frame[] {
    const seen = new Map<string, Frame>();
    for (const bytes of this.received) {
      const frame = checkedFrame(bytes);
      const key = `${frame.boot}/${frame.sequence}`;
      if (!seen.has(key)) seen.set(key, frame);
    }
    return [...seen.values()];
  }

  of<T extends AgentEvent["type"]>(type: T): Extract<AgentEvent, { type: T }>[] {
    return this.events.filter((event): event is Extract<AgentEvent, { type: T }> => event.type === type);
  }
}
