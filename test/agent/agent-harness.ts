import { type Agent, createAgent } from "../../agent/agent.js";
import type { AgentEvent } from "../../agent/agent-ports.js";
import type { AgentConfig } from "../../agent/config.js";
import { hex } from "../../agent/cose/kid.js";
import type { Position } from "../../agent/frame/chain.js";
import { createFrameChecker } from "../../agent/frame/check.js";
import type { Frame } from "../../agent/frame/parse.js";
import { statusTopic } from "../../agent/frame/topic.js";
import type { Flash } from "../../agent/ports/flash.js";
import type { KeyValue } from "../../agent/ports/key-value.js";
import type { Link } from "../../agent/ports/link.js";
import type { Random } from "../../agent/ports/random.js";
import type { Sensor, SensorSample } from "../../agent/ports/sensor.js";
import type { SignatureChecker, Signer } from "../../agent/ports/signer.js";
import { Receipts } from "../../agent/receipt/receipts.js";
import type { SensorConfig } from "../../agent/sampler.js";
import { MemoryBroker } from "../../host-sim/fleet/memory-link.js";
import { createMemoryFlash } from "../../node/ports/flash.js";
import { createMemoryKeyValue } from "../../node/ports/key-value.js";
import { signatureChecker } from "../../node/ports/signer.js";
import { hexOf, TEST_NETWORK, testEnrolment, testKid, testSigner } from "../support/frames.js";
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
  configuration: "c0f1c0f1c0f1c0f1",
  uplink: {
    copies: 2,
    acknowledgements: 2,
    window: 8,
    timeout: 5000,
    backoff: { min: 250, max: 5000 },
    absent: 10_000,
    order: "oldest",
  },
};

/** Bytes of a sector of a rig's flash, as on ESP32 boards. */
export const SECTOR_BYTES = 4096;
/** Erased flash of so many sectors. */
export const flashOf = (sectors: number): Flash => createMemoryFlash({ size: sectors * SECTOR_BYTES });

/** A position as text. */
export const place = ({ boot, sequence }: Position): string => `${boot}/${sequence}`;

const checker = createFrameChecker(testEnrolment, signatureChecker);

/** The frame in `bytes`, whose signature is good. */
export function checkedFrame(bytes: Uint8Array): Frame {
  const result = checker.check(bytes);
  if ("failure" in result) throw new Error(`${result.failure.verdict}: ${result.failure.detail}`);
  return result.frame;
}

/** The text that ASCII bytes stand for. */
export function asciiOf(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

/** A board, its stores, and brokers in memory with a subscriber at each, all on one virtual clock. */
export class AgentHarness {
  readonly world = new VirtualClock();
  readonly brokers: MemoryBroker[];
  /** What the board's key-value store has kept. */
  readonly values = new Map<string, Uint8Array>();
  store: KeyValue = createMemoryKeyValue(this.values);
  /** Its key. Frames of another are not to be looked at with `frames`. */
  signer: Signer = testSigner;
  /** What checks the receipts of witnesses. */
  checker: SignatureChecker = signatureChecker;
  /** The journal's ground. Like `values`, it outlives a cut. */
  flash: Flash = flashOf(32);
  readonly events: AgentEvent[] = [];
  /** Every delivery, in order. */
  readonly received: Uint8Array[] = [];
  /** What went over the links. */
  readonly traffic: Traffic[] = [];
  /** Called with every event, after it was written down. */
  onEvent: (event: AgentEvent) => void = () => {};
  /** What the status says besides. */
  about: object | undefined;
  agent: Agent | undefined;
  #links: Link[] = [];
  #clock: BoardClock | undefined;
  /** Of `received`: how many were looked at, what they are, and the frames in them. */
  #checked = 0;
  readonly #texts = new Set<string>();
  readonly #frames = new Map<string, Frame>();
  readonly #random: Random;

  constructor({ brokers = 2, seed = 1 } = {}) {
    this.brokers = Array.from({ length: brokers }, (_, i) => new MemoryBroker(`b${i}`, this.world));
    for (const broker of this.brokers) {
      broker.latency = 5;
      broker.subscribe((payload) => this.received.push(payload));
    }
    this.#random = seededRandom(seed);
  }

  /** Switches the board on. `flash`: erased flash of so many sectors, or this one; left out, what there is stays. */
  boot(config: Partial<AgentConfig> = {}, sensors = [countingSensor()], flash?: number | Flash): Agent {
    const all = { ...RIG_CONFIG, ...config };
    if (flash !== undefined) this.flash = typeof flash === "number" ? flashOf(flash) : flash;
    this.#links = this.brokers.map((broker) => recorded(broker.link(), this.world, this.traffic));
    this.#clock = this.world.boot();
    this.agent = createAgent(
      {
        clock: this.#clock,
        random: this.#random,
        signer: this.signer,
        receipts: Receipts,
        checker: this.checker,
        store: this.store,
        flash: this.flash,
        links: this.#links,
        sensors,
        about: this.about,
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

  /** The frames that arrived, each once, in the order of first arrival. Their signatures are good. */
  frames(): Frame[] {
    for (; this.#checked < this.received.length; this.#checked++) {
      const bytes = this.received[this.#checked] as Uint8Array;
      const text = hexOf(bytes);
      if (this.#texts.has(text)) continue;
      const frame = checkedFrame(bytes);
      this.#texts.add(text);
      if (!this.#frames.has(place(frame))) this.#frames.set(place(frame), frame);
    }
    return [...this.#frames.values()];
  }

  /** Frames that were signed and neither acknowledged nor declared lost by a frame that arrived. */
  get unsettled(): string[] {
    const left = new Set(this.of("signed").map(({ position }) => place(position)));
    for (const { position } of this.of("acknowledged")) left.delete(place(position));
    for (const { dropped } of this.frames())
      for (const { boot, first, last } of dropped)
        for (let sequence = first; sequence <= last; sequence++) left.delete(place({ boot, sequence }));
    return [...left];
  }

  /** The status that a broker has kept, or undefined. */
  status(broker = 0): Record<string, unknown> | undefined {
    const kept = this.brokers[broker]?.retained.get(statusTopic(TEST_NETWORK, hex(testKid)));
    return kept === undefined ? undefined : (JSON.parse(asciiOf(kept)) as Record<string, unknown>);
  }

  of<T extends AgentEvent["type"]>(type: T): Extract<AgentEvent, { type: T }>[] {
    return this.events.filter((event): event is Extract<AgentEvent, { type: T }> => event.type === type);
  }
}
