import { Batch } from "./batch.js";
import { loadChain, nextBoot, saveChain } from "./chain-store.js";
import { type AgentConfig, checkConfig } from "./config.js";
import { CLOCK_UNSET, type Position } from "./frame/chain.js";
import { hex, kidOfKey } from "./frame/identity.js";
import { DIGEST_BYTES, MIN_UNIX_SECONDS, PREV_BYTES } from "./frame/layout.js";
import { frameTopic } from "./frame/topic.js";
import { FrameWriter } from "./frame/write.js";
import type { Outbox } from "./outbox/outbox.js";
import type { Clock, Timer } from "./ports/clock.js";
import type { KeyValue } from "./ports/key-value.js";
import type { Link } from "./ports/link.js";
import type { Random } from "./ports/random.js";
import type { Signer } from "./ports/signer.js";
import { type ChannelConfig, createSampler, type SensorConfig } from "./sampler.js";
import { createUplink } from "./uplink/uplink.js";

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
  const { clock, signer, store, outbox, sensors, observe } = ports;
  checkConfig(config, sensors);
  const kid = kidOfKey(signer.publicKey, signer);
  const device = hex(kid);
  const writer = new FrameWriter(config.network, kid, config.frameBytes);
  const channels: ChannelConfig[] = sensors.flatMap((sensor) => [...sensor.channels]);
  const batch = new Batch(config.readings);
  const digest = new Uint8Array(DIGEST_BYTES);
  const boot = nextBoot(store);
  const tip = loadChain(store);
  const prev = tip.prev;
  for (const range of tip.losses) outbox.lose(range);
  let sequence = 0;
  let sealTimer: Timer | undefined;

  /**
   * Turns the batch into a frame. It is in the outbox, and the chain's tip durable, before it is sent. A position
   * that was signed for is never used again, whatever fails after.
   */
  function seal(): void {
    if (sealTimer !== undefined) clock.clearTimer(sealTimer);
    sealTimer = undefined;
    if (batch.count === 0) return;
    const position = { boot, sequence: sequence++ };
    const readings = batch.count;
    try {
      const frame = sign(position);
      signer.sha256(frame, digest, 0);
      saveChain(store, digest.subarray(0, PREV_BYTES), position, outbox);
      prev.set(digest.subarray(0, PREV_BYTES));
      outbox.append(position, frame);
      observe({ type: "signed", position, bytes: frame.length, readings });
    } catch (error) {
      outbox.lose({ boot, first: position.sequence, last: position.sequence });
      observe({ type: "storage-failed", reason: error instanceof Error ? error.message : String(error) });
    } finally {
      batch.clear();
    }
    uplink.pump();
  }

  function sign(position: Position): Uint8Array {
    // Base time is the second in which the latest reading was taken, rounded up, so that no reading is later.
    const uptime = Math.ceil(batch.latest() / 1000);
    const wall = clock.wall();
    const time = Math.floor((wall.unix - clock.uptime()) / 1000 + uptime);
    // A clock that says less was never set, whatever its state: judges refuse such a base time.
    const state = time >= MIN_UNIX_SECONDS ? wall.state : CLOCK_UNSET;
    writer.begin({ ...position, prev, uptime, clock: state, time, dropped: outbox.losses }, batch.count);
    for (let channel = 0; channel < channels.length; channel++) {
      const { name, unit, digits } = channels[channel] as ChannelConfig;
      // The latest first: the one that carries the name and the unit then seldom needs a time as well.
      for (let i = batch.count - 1; i >= 0; i--)
        if (batch.channel(i) === channel)
          writer.reading(name, unit, batch.mantissa(i), -digits, uptime * 1000 - batch.time(i));
    }
    return writer.finish(signer);
  }

  const sampler = createSampler(sensors, clock, {
    reading(channel, mantissa, time) {
      if (batch.count === 0) sealTimer = clock.setTimer(seal, config.age);
      batch.add(channel, mantissa, time);
      if (batch.full) seal();
    },
    failed: (sensor, reason) => observe({ type: "sensor-failed", sensor, reason }),
  });

  const uplink = createUplink({
    links: ports.links,
    outbox,
    topic: frameTopic(config.network, device),
    preference: kid[0] as number,
    clock,
    random: ports.random,
    config: config.uplink,
    handler: {
      opened: (link) => observe({ type: "link-opened", link }),
      closed: (link, reason, wasOpen) => observe({ type: "link-closed", link, reason, wasOpen }),
      acknowledged: (position) => observe({ type: "acknowledged", position }),
    },
  });

  return {
    device,
    boot,
    start() {
      uplink.start();
      sampler.start();
    },
    finish() {
      sampler.stop();
      seal();
    },
    stop() {
      sampler.stop();
      if (sealTimer !== undefined) clock.clearTimer(sealTimer);
      uplink.stop();
      for (const { sensor } of sensors) sensor.close();
    },
  };
}
