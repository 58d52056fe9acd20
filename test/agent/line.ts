import { createMemoryOutbox } from "../../agent/outbox/memory.js";
import type { Outbox } from "../../agent/outbox/outbox.js";
import { createUplink, type UplinkConfig } from "../../agent/uplink/uplink.js";
import { MemoryBroker } from "../../host-sim/ports/memory-link.js";
import { VirtualClock } from "../support/virtual-clock.js";
import { seededRandom } from "./rig.js";
import { flawsOf, recorded, type Traffic } from "./traffic.js";

export const CONFIG: UplinkConfig = { copies: 1, window: 4, timeout: 5000, backoff: { min: 250, max: 5000 } };
export const LATENCY = 10;

/** An uplink over brokers in memory. */
export class Line {
  readonly clock = new VirtualClock();
  readonly brokers: MemoryBroker[];
  readonly outbox: Outbox;
  readonly log: Traffic[] = [];
  readonly delivered: string[] = [];
  readonly events: string[] = [];
  readonly uplink;
  readonly #leave: (() => void)[] = [];
  readonly #copies: number;
  #sequence = 0;

  constructor(
    brokers: number,
    config: Partial<UplinkConfig> = {},
    { preference = 0, capacity = 32, seed = 5, frames = 0 } = {},
  ) {
    const all = { ...CONFIG, ...config };
    this.#copies = all.copies;
    this.brokers = Array.from({ length: brokers }, (_, i) => new MemoryBroker(`b${i}`, this.clock));
    for (const broker of this.brokers) {
      broker.latency = LATENCY;
      this.#leave.push(
        broker.subscribe((payload, topic) => this.delivered.push(`${broker.name}:${topic}:${payload[0]}`)),
      );
    }
    this.outbox = createMemoryOutbox(capacity, 8);
    this.add(frames);
    this.uplink = createUplink({
      links: this.brokers.map((broker) => recorded(broker.link(), this.clock, this.log)),
      outbox: this.outbox,
      topic: "t",
      preference,
      clock: this.clock,
      random: seededRandom(seed),
      config: all,
      handler: {
        opened: (link) => this.events.push(`${link} opened`),
        closed: (link, reason, wasOpen) =>
          this.events.push(`${link} closed: ${reason}${wasOpen ? "" : ", never open"}`),
        acknowledged: ({ sequence }) => this.events.push(`delivered ${sequence}`),
      },
    });
  }

  broker(index: number): MemoryBroker {
    return this.brokers[index] as MemoryBroker;
  }

  add(frames: number): this {
    for (let i = 0; i < frames; i++) {
      const sequence = this.#sequence++;
      this.outbox.append({ boot: 1, sequence }, Uint8Array.of(sequence));
    }
    return this;
  }

  unsubscribe(index: number): void {
    this.#leave[index]?.();
  }

  of(what: Traffic["what"], link?: string): Traffic[] {
    return this.log.filter((one) => one.what === what && (link === undefined || one.link === link));
  }

  published(link: string): (number | undefined)[] {
    return this.of("publish", link).map(({ id }) => id);
  }

  /** Numbers of the frames that arrived anywhere, each once. */
  get arrived(): number[] {
    return [...new Set(this.delivered.map((one) => Number(one.split(":")[2])))].sort((a, b) => a - b);
  }

  get flaws(): string[] {
    return flawsOf(this.log, this.#copies);
  }
}
