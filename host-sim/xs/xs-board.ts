import type { Timer } from "../../agent/ports/clock.js";
import type { LinkHandler } from "../../agent/ports/link.js";
import type { SensorSample } from "../../agent/ports/sensor.js";
import { valueAt } from "../../agent/sampler.js";
import type { BoardConfig, BoardHandle, BoardInit } from "../board.js";
import type { XsBoardConfig } from "./board.js";
import { FromBoard, ToBoard } from "./messages.js";
import type { BoardListener, XsProcess } from "./process.js";
import type { Creation, EndReason } from "./wire.js";

/** Bytes that the outbox has for each frame: as many as a frame of half a dozen readings usually has. */
const FRAME_ROOM = 256;

/** With longer frames the outbox keeps fewer of them; two at least. */
function outboxBytes({ outboxFrames, frameBytes }: BoardConfig): number {
  return Math.max(outboxFrames * FRAME_ROOM, 2 * frameBytes);
}

/**
 * The Node side of a board on XS: gives it the same clock, store, links and sensors that a board on Node has.
 * The board's messages come in order, and what it stores is stored before anything that it sends after.
 */
export class XsBoard implements BoardHandle, BoardListener {
  readonly #init: BoardInit;
  readonly #process: XsProcess;
  readonly #number: number;
  readonly #timers = new Map<number, Timer>();
  /** Uptime at which each sensor was sampled last. */
  readonly #sampledAt: number[];
  #topic = "";
  /** Keys of the store, by the numbers that the board gives them. */
  readonly #keys: string[] = [];

  constructor(process: XsProcess, number: number, creation: Creation, init: BoardInit, config: BoardConfig) {
    this.#init = init;
    this.#process = process;
    this.#number = number;
    this.#sampledAt = init.sensors.map(() => Number.NEGATIVE_INFINITY);
    const { clock, privateKey } = init;
    const wall = clock.wall();
    const boot: XsBoardConfig = {
      agent: config,
      outbox: { frames: config.outboxFrames, bytes: outboxBytes(config) },
      links: init.links.map(({ name }) => name),
      sensors: init.sensors.map(({ interval, channels }) => ({
        interval,
        channels: channels.map(({ name, unit, digits }, index) => ({
          property: `c${index}`,
          name,
          unit,
          digits,
        })),
      })),
      store: Object.fromEntries(
        ["boot", "chain"].flatMap((key) => {
          const value = init.store.get(key);
          return value === undefined ? [] : [[key, [...value]]];
        }),
      ),
      clock: wall.state,
      epoch: wall.unix - clock.uptime(),
    };
    process.create(number, creation, privateKey, Buffer.from(JSON.stringify(boot)), this);
  }

  start(): void {
    this.#sample();
    this.deliver(ToBoard.start, 0);
  }

  finish(): void {
    this.deliver(ToBoard.finish, 0);
  }

  /** The board is gone at once, with its memory. */
  stop(): void {
    this.#process.end(this.#number);
    this.#release();
  }

  sent(kind: number, id: number, bytes: Buffer): void {
    const { clock, links, store, observe } = this.#init;
    switch (kind) {
      case FromBoard.timerSet:
        this.#timers.set(
          id,
          clock.setTimer(() => this.#fired(id), bytes.readDoubleLE()),
        );
        break;
      case FromBoard.timerClear: {
        const timer = this.#timers.get(id);
        if (timer !== undefined) clock.clearTimer(timer);
        this.#timers.delete(id);
        break;
      }
      case FromBoard.linkOpen:
        links[id]?.open(new BoardLink(this, id));
        break;
      case FromBoard.topic:
        this.#topic = bytes.toString("latin1");
        break;
      case FromBoard.linkPublish:
        links[bytes.readDoubleLE()]?.publish(id, this.#topic, bytes.subarray(8));
        break;
      case FromBoard.linkClose:
        links[id]?.close();
        break;
      case FromBoard.storeSet:
        store.set(this.#keys[id] as string, Uint8Array.from(bytes));
        break;
      case FromBoard.storeDelete:
        store.delete(this.#keys[id] as string);
        break;
      case FromBoard.storeKey:
        this.#keys[id] = bytes.toString("latin1");
        break;
      case FromBoard.signed: {
        const position = { boot: bytes.readDoubleLE(), sequence: id };
        observe({
          type: "signed",
          position,
          bytes: bytes.readDoubleLE(8),
          readings: bytes.readDoubleLE(16),
        });
        break;
      }
      case FromBoard.acknowledged:
        observe({ type: "acknowledged", position: { boot: bytes.readDoubleLE(), sequence: id } });
        break;
      case FromBoard.sensorFailed:
        observe({ type: "sensor-failed", sensor: id, reason: bytes.toString("latin1") });
        break;
      case FromBoard.storageFailed:
        observe({ type: "storage-failed", reason: bytes.toString("latin1") });
        break;
      case FromBoard.linkOpened:
        observe({ type: "link-opened", link: bytes.toString("latin1") });
        break;
      case FromBoard.linkClosed:
        observe({
          type: "link-closed",
          link: bytes.toString("latin1"),
          reason: "",
          wasOpen: id === 1,
        });
        break;
    }
  }

  ended(reason: EndReason, detail: string): void {
    this.#release();
    this.#init.ended(`${reason}: ${detail}`);
  }

  #release(): void {
    for (const timer of this.#timers.values()) this.#init.clock.clearTimer(timer);
    this.#timers.clear();
    for (const link of this.#init.links) link.close();
    for (const { sensor } of this.#init.sensors) sensor.close();
  }

  #fired(timer: number): void {
    this.#timers.delete(timer);
    this.#sample();
    this.deliver(ToBoard.timerFired, timer);
  }

  /** The agent's sampler runs at timers: sensors whose turn may have come are sampled before each of them. */
  #sample(): void {
    const now = this.#init.clock.uptime();
    for (const [index, { sensor, interval, channels }] of this.#init.sensors.entries()) {
      if (now - (this.#sampledAt[index] as number) < interval / 2) continue;
      this.#sampledAt[index] = now;
      let sample: SensorSample | undefined;
      try {
        sample = sensor.sample();
      } catch (error) {
        this.deliver(ToBoard.sampleFailed, index, Buffer.from((error as Error).message, "latin1"));
        continue;
      }
      const values = new Float64Array(channels.length);
      for (const [at, { property }] of channels.entries())
        values[at] = sample === undefined ? Number.NaN : Number(valueAt(sample, property) ?? Number.NaN);
      this.deliver(ToBoard.sample, index, new Uint8Array(values.buffer));
    }
  }

  /** A message to the board; its links send theirs themselves. */
  deliver(kind: number, id: number, bytes?: Uint8Array): void {
    this.#process.deliver(this.#number, this.#init.clock.uptime(), kind, id, bytes);
  }
}

/** What a link of a board tells it. A class: three functions for each of 300,000 links are memory. */
class BoardLink implements LinkHandler {
  readonly #board: XsBoard;
  readonly #link: number;

  constructor(board: XsBoard, link: number) {
    this.#board = board;
    this.#link = link;
  }

  opened(): void {
    this.#board.deliver(ToBoard.linkOpened, this.#link);
  }

  acknowledged(publication: number, kept: boolean): void {
    this.#board.deliver(ToBoard.linkAcknowledged, publication, Uint8Array.of(this.#link, kept ? 1 : 0));
  }

  closed(reason: string): void {
    this.#board.deliver(ToBoard.linkClosed, this.#link, Buffer.from(reason, "latin1"));
  }
}
