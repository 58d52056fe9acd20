import { Batch } from "./batch.js";
import { ChainRecord, loadChain, nextBoot } from "./chain-store.js";
import { type AgentConfig, checkConfig, textBytes } from "./config.js";
import { CLOCK_UNSET, type Position } from "./frame/chain.js";
import { hex, kidOfKey } from "./frame/kid.js";
import { DIGEST_BYTES, MIN_UNIX_SECONDS, PREV_BYTES } from "./frame/layout.js";
import { frameTopic } from "./frame/topic.js";
import { FrameWriter } from "./frame/write.js";
import type { Outbox } from "./outbox/outbox.js";
import type { Clock, Timer } from "./ports/clock.js";
import type { KeyValue } from "./ports/key-value.js";
import type { Link } from "./ports/link.js";
import type { Random } from "./ports/random.js";
import type { Signer } from "./ports/signer.js";
import {
  type ChannelConfig,
  createSampler,
  type Sampler,
  type SamplerHandler,
  type SensorConfig,
} from "./sampler.js";
import { createUplink, type Uplink, type UplinkHandler } from "./uplink/uplink.js";

// Not looked up each time: on XS the global object is a long list.
const { ceil, floor } = Math;

/** All that a host supplies. */
export interface AgentPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly signer: Signer;
  readonly store: KeyValue;
  readonly outbox: Outbox;
  readonly links: readonly Link[];
  readonly sensors: readonly SensorConfig[];
  /** Told of what happens. Must not throw. */
  readonly observe: (event: AgentEvent) => void;
}

export type AgentEvent =
  | {
      readonly type: "signed";
      readonly position: Position;
      readonly bytes: number;
      readonly readings: number;
    }
  | { readonly type: "acknowledged"; readonly position: Position }
  | { readonly type: "sensor-failed"; readonly sensor: number; readonly reason: string }
  | { readonly type: "storage-failed"; readonly reason: string }
  | { readonly type: "link-opened"; readonly link: string }
  | {
      readonly type: "link-closed";
      readonly link: string;
      readonly reason: string;
      readonly wasOpen: boolean;
    };

export interface Agent {
  /** The device's name in topics: its kid in lower-case hex. */
  readonly device: string;
  readonly boot: number;
  start(): void;
  /** No more samples; what was sampled goes into a last frame. Frames go on being sent. */
  finish(): void;
  /** Closes everything. What is still in the outbox stays there. */
  stop(): void;
}

/**
 * One board: samples, signs, keeps, sends. Takes the next boot number and makes it durable before it returns.
 * Throws RangeError for a configuration that cannot work, and what the ports throw.
 */
export function createAgent(ports: AgentPorts, config: AgentConfig): Agent {
  checkConfig(config, ports.sensors);
  return new Board(ports, config);
}

class Board implements Agent, SamplerHandler, UplinkHandler {
  readonly device: string;
  readonly boot: number;
  readonly #ports: AgentPorts;
  readonly #age: number;
  readonly #writer: FrameWriter;
  readonly #batch: Batch;
  readonly #sampler: Sampler;
  readonly #uplink: Uplink;
  readonly #record: ChainRecord;
  readonly #digest = new Uint8Array(DIGEST_BYTES);
  readonly #hash = this.#digest.subarray(0, PREV_BYTES);
  /** What the next frame's `prev` will be. */
  readonly #prev: Uint8Array;
  #sequence = 0;
  #sealTimer: Timer | undefined;
  readonly #timeIsUp = () => this.send();

  constructor(ports: AgentPorts, config: AgentConfig) {
    const { clock, signer, store, outbox } = ports;
    const kid = kidOfKey(signer.publicKey, signer);
    this.device = hex(kid);
    this.#ports = ports;
    this.#age = config.age;
    this.#writer = new FrameWriter(config.network, kid, config.frameBytes, textBytes(ports.sensors));
    this.#batch = new Batch(config.readings);
    this.boot = nextBoot(store);
    const tip = loadChain(store);
    this.#prev = tip.prev;
    for (const range of tip.losses) outbox.lose(range);
    this.#record = new ChainRecord(store);
    this.#sampler = createSampler(ports.sensors, clock, this);
    this.#uplink = createUplink({
      links: ports.links,
      outbox,
      topic: frameTopic(config.network, this.device),
      preference: kid[0] as number,
      clock,
      random: ports.random,
      config: config.uplink,
      handler: this,
    });
  }

  start(): void {
    this.#uplink.start();
    this.#sampler.start();
  }

  finish(): void {
    this.#sampler.stop();
    this.send();
  }

  stop(): void {
    this.#sampler.stop();
    this.clearSealTimer();
    this.#uplink.stop();
    for (const { sensor } of this.#ports.sensors) sensor.close();
  }

  reading(channel: number, mantissa: number, time: number): void {
    this.#batch.add(channel, mantissa, time);
    if (this.#batch.full) this.seal();
  }

  sampled(): void {
    if (this.#batch.count > 0 && this.#sealTimer === undefined)
      this.#sealTimer = this.#ports.clock.setTimer(this.#timeIsUp, this.#age);
    this.#uplink.pump();
  }

  failed(sensor: number, reason: string): void {
    this.#ports.observe({ type: "sensor-failed", sensor, reason });
  }

  opened(link: string): void {
    this.#ports.observe({ type: "link-opened", link });
  }

  closed(link: string, reason: string, wasOpen: boolean): void {
    this.#ports.observe({ type: "link-closed", link, reason, wasOpen });
  }

  acknowledged(position: Position): void {
    this.#ports.observe({ type: "acknowledged", position });
  }

  private send(): void {
    this.seal();
    this.#uplink.pump();
  }

  /**
   * Turns the batch into a frame. It is in the outbox, and the chain's tip durable, before it is sent. A position
   * that was signed for is never used again, whatever fails after.
   */
  private seal(): void {
    this.clearSealTimer();
    const readings = this.#batch.count;
    if (readings === 0) return;
    const { signer, outbox, observe } = this.#ports;
    const position = { boot: this.boot, sequence: this.#sequence++ };
    try {
      outbox.makeRoom();
      const frame = this.sign(position);
      signer.sha256(frame, this.#digest, 0);
      this.#record.save(this.#hash, position, outbox);
      this.#prev.set(this.#hash);
      outbox.append(position, frame);
      observe({ type: "signed", position, bytes: frame.length, readings });
    } catch (error) {
      outbox.lose({ boot: this.boot, first: position.sequence, last: position.sequence });
      observe({ type: "storage-failed", reason: error instanceof Error ? error.message : String(error) });
    } finally {
      this.#batch.clear();
    }
  }

  private sign({ boot, sequence }: Position): Uint8Array {
    const { clock, sensors, signer, outbox } = this.#ports;
    const batch = this.#batch;
    const writer = this.#writer;
    // Base time is the second in which the latest reading was taken, rounded up, so that no reading is later.
    const uptime = ceil(batch.latest() / 1000);
    const wall = clock.wall();
    const time = floor((wall.unix - clock.uptime()) / 1000 + uptime);
    // A clock that says less was never set, whatever its state: judges refuse such a base time.
    const state = time >= MIN_UNIX_SECONDS ? wall.state : CLOCK_UNSET;
    const dropped = outbox.losses;
    writer.begin({ boot, sequence, prev: this.#prev, uptime, clock: state, time, dropped }, batch.count);
    let sensor = 0;
    let { channels } = sensors[sensor] as SensorConfig;
    let first = 0; // number of the sensor's first channel
    for (let i = 0; i < batch.count; i++) {
      const number = batch.channel(i);
      while (number >= first + channels.length) {
        first += channels.length;
        channels = (sensors[++sensor] as SensorConfig).channels;
      }
      const { name, unit, digits } = channels[number - first] as ChannelConfig;
      writer.reading(name, unit, batch.mantissa(i), -digits, uptime * 1000 - batch.time(i));
    }
    return writer.finish(signer);
  }

  private clearSealTimer(): void {
    if (this.#sealTimer !== undefined) this.#ports.clock.clearTimer(this.#sealTimer);
    this.#sealTimer = undefined;
  }
}
