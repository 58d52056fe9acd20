import { type Journal, openJournal } from "../../agent/journal/journal.js";
import type { Link } from "../../agent/ports/link.js";
import { createUplink, type Uplink, type UplinkConfig } from "../../agent/uplink/uplink.js";
import { MemoryBroker } from "../../host-sim/fleet/memory-link.js";
import { hasher } from "../../node/ports/signer.js";
import { testKid } from "../support/frames.js";
import { VirtualClock } from "../support/virtual-clock.js";
import { flashOf, seededRandom } from "./agent-harness.js";
import { flawsOf, recorded, type Traffic } from "./traffic.js";

export const CONFIG: UplinkConfig = {
  copies: 1,
  acknowledgements: 1,
  window: 4,
  timeout: 5000,
  backoff: { min: 250, max: 5000 },
  absent: 10_000,
  order: "oldest",
};
export const LATENCY = 10;
/** Frames that a sector of the journal holds: it indexes no more. */
export const SECTOR_FRAMES = 32;

const FRAME_BYTES = 8;

/** An uplink over a journal in memory, and brokers in memory. Frames hold their number, and their ids are the same numbers. */
export class UplinkHarness {
  readonly clock = new VirtualClock();
  readonly brokers: MemoryBroker[];
  readonly journal: Journal;
  readonly log: Traffic[] = [];
  readonly delivered: string[] = [];
  readonly events: string[] = [];
  /** When frames left the journal. */
  readonly left: number[] = [];
  /** Called when a broker is connected. */
  onOpened = () => {};
  readonly uplink: Uplink;
  readonly config: UplinkConfig;
  readonly #leave: (() => void)[] = [];
  #sequence = 0;

  /** `links`: how many of the brokers the uplink knows at its beginning; all if left out. */
  constructor(
    brokers: number,
    config: Partial<UplinkConfig> = {},
    { preference = 0, sectors = 8, seed = 5, frames = 0, links = brokers } = {},
  ) {
    this.config = { ...CONFIG, ...config };
    this.brokers = Array.from({ length: brokers }, (_, i) => new MemoryBroker(`b${i}`, this.clock));
    for (const broker of this.brokers) {
      broker.latency = LATENCY;
      this.#leave.push(
        broker.subscribe((payload, topic) => {
          this.delivered.push(`${broker.name}:${topic}:${numberOf(payload)}`);
        }),
      );
    }
    this.journal = openJournal({
      flash: flashOf(sectors),
      hasher,
      kid: testKid,
      frameBytes: FRAME_BYTES,
      handler: {
        sectorFailed: (sector, reason) => this.events.push(`sector ${sector}: ${reason}`),
        holds: (id) => (this.uplink as Uplink | undefined)?.holds(id) ?? 0,
        delivered: ({ sequence }) => {
          this.events.push(`delivered ${sequence}`);
          this.left.push(this.clock.uptime());
        },
      },
    });
    this.journal.begin();
    this.add(frames);
    this.uplink = createUplink({
      links: Array.from({ length: links }, (_, i) => this.link(i)),
      journal: this.journal,
      topic: "t",
      preference,
      clock: this.clock,
      random: seededRandom(seed),
      config: this.config,
      handler: {
        opened: (link) => {
          this.events.push(`${link} opened`);
          this.onOpened();
        },
        closed: (link, reason, wasOpen) =>
          this.events.push(`${link} closed: ${reason}${wasOpen ? "" : ", never open"}`),
        taken() {},
        acknowledged: ({ sequence }) => {
          this.events.push(`delivered ${sequence}`);
          this.left.push(this.clock.uptime());
        },
        published: (id) => this.events.push(`published ${id}`),
      },
    });
  }

  broker(index: number): MemoryBroker {
    return this.brokers[index] as MemoryBroker;
  }

  link(index: number): Link {
    return recorded(this.broker(index).link(), this.clock, this.log);
  }

  add(frames: number): this {
    const digest = new Uint8Array(32);
    for (let i = 0; i < frames; i++) {
      const sequence = this.#sequence++;
      const frame = new Uint8Array(FRAME_BYTES).fill(sequence >> 8);
      frame[0] = sequence;
      hasher.sha256(frame, digest, 0);
      this.journal.append({ boot: 1, sequence }, frame, digest);
    }
    return this;
  }

  /** A frame every `interval` milliseconds, `frames` times, as a board signs them. */
  sample(frames: number, interval: number): void {
    for (let i = 0; i < frames; i++) {
      this.add(1).uplink.pump();
      this.clock.advance(interval);
    }
  }

  /** Milliseconds from `moment` until a frame left the journal. */
  nextAfter(moment: number): number {
    return (this.left.find((time) => time > moment) ?? Number.POSITIVE_INFINITY) - moment;
  }

  unsubscribe(index: number): void {
    this.#leave[index]?.();
  }

  of(what: Traffic["what"], link?: string): Traffic[] {
    return this.log.filter((one) => one.what === what && (link === undefined || one.link === link));
  }

  /** Frames that were published over a link, or over all, in order. */
  published(link?: string): (number | undefined)[] {
    return this.of("publish", link).map(({ id }) => id);
  }

  /** Brokers that were published to, each once, in the order of the first time. */
  get used(): string[] {
    return [...new Set(this.of("publish").map(({ link }) => link))];
  }

  /** Numbers of the frames that arrived anywhere, each once. */
  get arrived(): number[] {
    return [...new Set(this.delivered.map((one) => Number(one.split(":")[2])))].sort((a, b) => a - b);
  }

  get flaws(): string[] {
    const { copies, acknowledgements, window } = this.config;
    return flawsOf(this.log, copies, acknowledgements === copies ? window : undefined);
  }
}

function numberOf(frame: Uint8Array): number {
  return (frame[0] as number) + 256 * (frame[1] as number);
}
