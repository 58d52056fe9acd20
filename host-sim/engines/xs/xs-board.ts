import type { Timer } from "../../../agent/ports/clock.js";
import type { Flash } from "../../../agent/ports/flash.js";
import type { LinkHandler } from "../../../agent/ports/link.js";
import type { SensorSample } from "../../../agent/ports/sensor.js";
import { valueAt } from "../../../agent/sampler.js";
import { PowerCut } from "../power-cut.js";
import type { BoardHandle, BoardInit } from "../v8-board.js";
import { shapeOf } from "./board-config.js";
import { BoardCall, FromBoard, ToBoard } from "./messages.js";
import type { BoardListener, XsHost } from "./process.js";
import type { Creation, EndReason, FlashChange, Reply } from "./wire.js";

export interface XsBoardOptions {
  /**
   * Flash and store are Node's: every operation on the flash, and every change of the store, is made on `init.flash` and `init.store`
   * while the board waits. A PowerCut that they throw ends the board ("power-cut"). Under `XsSync` only.
   */
  readonly isRemote?: boolean;
  /** 32 bytes that all of the board's randomness comes from; without it, from the system. */
  readonly seed?: Uint8Array;
  /** What the board's script says and asks beyond messages.ts. */
  readonly own?: OwnMessages;
}

/** Messages and calls of kinds that are a script's own: it asks for samples when it wants them, and none is taken ahead. */
export interface OwnMessages {
  sent(kind: number, id: number, bytes: Buffer): void;
  /** The answer's bytes; what it throws is the board's, a PowerCut its end. */
  call(kind: number, id: number, bytes: Buffer): Uint8Array;
}

const DOUBLE = 8;
const ERASED = 0xff;
const NOTHING = new Uint8Array(0);

/**
 * The Node side of a board on XS: gives it the same clock, store, links and sensors that a board on Node has.
 * The board's messages come in order, and what it stores is stored before anything that it sends after.
 */
export class XsBoard implements BoardHandle, BoardListener {
  readonly #init: BoardInit;
  readonly #host: XsHost;
  readonly #number: number;
  readonly #own: OwnMessages | undefined;
  readonly #timers = new Map<number, Timer>();
  /** Uptime at which each sensor was sampled last. */
  readonly #sampledAt: number[];
  /** Topics, by the numbers that the board gives them: 0, 1 … */
  #topics: readonly string[] = [];
  /** Keys of the store, likewise. */
  #keys: readonly string[] = [];

  /** `config`: what the board's script is told at its start. */
  constructor(
    host: XsHost,
    number: number,
    creation: Creation,
    init: BoardInit,
    config: object,
    { isRemote = false, seed, own }: XsBoardOptions = {},
  ) {
    this.#init = init;
    this.#host = host;
    this.#number = number;
    this.#own = own;
    this.#sampledAt = init.sensors.map(() => Number.NEGATIVE_INFINITY);
    const { privateKey, flash } = init;
    // One that is kept is init.flash's twin; of another, init.flash says but the shape.
    const isKept = init.isFlashKept;
    if (!isRemote) host.flash(number, shapeOf(flash), isKept, isKept ? contentOf(flash) : NOTHING);
    host.create(number, creation, privateKey, Buffer.from(JSON.stringify(config)), this, seed);
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
    this.#host.end(this.#number);
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
        links[id]?.open(new HeardLink(this, id));
        break;
      case FromBoard.topic:
        this.#topics = this.#topics.concat(bytes.toString("latin1")); // `push` would make room for 16 more
        break;
      case FromBoard.linkPublish: {
        const how = bytes.readDoubleLE(8);
        const topic = this.#topics[Math.floor(how / 2)] as string;
        links[bytes.readDoubleLE()]?.publish(id, topic, bytes.subarray(16), how % 2 === 1);
        break;
      }
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
        this.#keys = this.#keys.concat(bytes.toString("latin1"));
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
      case FromBoard.recovered:
        observe({ type: "recovered", pending: id, read: bytes.readDoubleLE() });
        break;
      case FromBoard.sectorFailed:
        observe({ type: "sector-failed", sector: id, reason: bytes.toString("latin1") });
        break;
      case FromBoard.linkOpened:
        observe({ type: "link-opened", link: bytes.toString("latin1") });
        break;
      case FromBoard.linkClosed: {
        const end = DOUBLE + bytes.readDoubleLE();
        observe({
          type: "link-closed",
          link: bytes.toString("latin1", DOUBLE, end),
          reason: bytes.toString("latin1", end),
          wasOpen: id === 1,
        });
        break;
      }
      default:
        this.#own?.sent(kind, id, bytes);
    }
  }

  /** A flash that cannot be kept is a board's end, by name: what it takes for durable would not be. */
  flashed(change: FlashChange, address: number, bytes: Buffer): void {
    const { flash, ended } = this.#init;
    try {
      if (change === "erased") flash.erase(address);
      else flash.program(address, bytes);
    } catch (error) {
      this.stop();
      ended(`flash: ${(error as Error).message}`);
    }
  }

  call(kind: number, id: number, bytes: Buffer): Reply {
    try {
      return { bytes: this.#answer(kind, id, bytes) };
    } catch (error) {
      return error instanceof PowerCut ? "cut" : { error: error as Error };
    }
  }

  #answer(kind: number, id: number, bytes: Buffer): Uint8Array {
    const { flash, store } = this.#init;
    switch (kind) {
      case BoardCall.flashRead: {
        const into = new Uint8Array(bytes.readDoubleLE());
        flash.read(id, into);
        return into;
      }
      case BoardCall.flashProgram:
        flash.program(id, bytes);
        break;
      case BoardCall.flashErase:
        flash.erase(id);
        break;
      case FromBoard.storeSet:
        store.set(this.#keys[id] as string, Uint8Array.from(bytes));
        break;
      case FromBoard.storeDelete:
        store.delete(this.#keys[id] as string);
        break;
      default:
        return this.#own?.call(kind, id, bytes) ?? NOTHING;
    }
    return NOTHING;
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
    if (this.#own !== undefined) return;
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
    this.#host.deliver(this.#number, this.#init.clock.uptime(), kind, id, bytes);
  }
}

/** What a link of a board tells it. A class: three functions for each of 300,000 links are memory. */
class HeardLink implements LinkHandler {
  readonly #board: XsBoard;
  readonly #link: number;

  constructor(board: XsBoard, link: number) {
    this.#board = board;
    this.#link = link;
  }

  opened(): void {
    this.#board.deliver(ToBoard.linkOpened, this.#link);
  }

  acknowledged(publication: number): void {
    this.#board.deliver(ToBoard.linkAcknowledged, publication, Uint8Array.of(this.#link));
  }

  refused(publication: number, reason: string): void {
    const bytes = Buffer.from(`${String.fromCharCode(this.#link)}${reason}`, "latin1");
    this.#board.deliver(ToBoard.linkRefused, publication, bytes);
  }

  closed(reason: string): void {
    this.#board.deliver(ToBoard.linkClosed, this.#link, Buffer.from(reason, "latin1"));
  }
}

/** Up to its last byte that is not erased. */
function contentOf(flash: Flash): Uint8Array {
  const content = new Uint8Array(flash.size);
  flash.read(0, content);
  let end = content.length;
  while (end > 0 && content[end - 1] === ERASED) end--;
  return content.subarray(0, end);
}
