import type { ClockState } from "../../agent/frame/chain.js";
import type { Clock, Timer, WallTime } from "../../agent/ports/clock.js";
import type { Flash } from "../../agent/ports/flash.js";
import type { KeyValue } from "../../agent/ports/key-value.js";
import type { Signer } from "../../agent/ports/signer.js";
import { PowerCut } from "../engines/power-cut.js";
import type { NorFlash } from "../virtual-board/flash/nor.js";
import type { Life } from "./life.js";
import { Appointment, type Scheduler } from "./time.js";

/** Unix milliseconds at the start of every run. */
export const EPOCH = 1_795_000_000_000;

/** A board's clock chip: what it believes of the time of day, and what it keeps over a reset. */
export class TimeOfDay {
  state: ClockState = 0;
  /** Milliseconds by which it is wrong. */
  offset = 0;

  /** By SNTP. */
  set(): void {
    this.state = 2;
    this.offset = 0;
  }

  /** `now`: milliseconds of the run. */
  wall(now: number): WallTime {
    return { state: this.state, unix: EPOCH + now + this.offset };
  }
}

export class BoardClock implements Clock {
  readonly #scheduler: Scheduler;
  readonly #life: Life;
  readonly #timeOfDay: TimeOfDay;
  readonly #start: number;
  /** Timers that are set. */
  timers = 0;

  constructor(scheduler: Scheduler, life: Life, timeOfDay: TimeOfDay) {
    this.#scheduler = scheduler;
    this.#life = life;
    this.#timeOfDay = timeOfDay;
    this.#start = scheduler.now;
  }

  uptime(): number {
    return this.#scheduler.now - this.#start;
  }

  wall(): WallTime {
    const { state } = this.#timeOfDay;
    if (state === 0) return { state, unix: this.uptime() }; // counts from 1970
    return this.#timeOfDay.wall(this.#scheduler.now);
  }

  setTimer(callback: () => void, delay: number): Timer {
    this.timers++;
    return this.#scheduler.after(Math.ceil(delay), () => {
      this.timers--;
      this.#life.turn(callback);
    });
  }

  clearTimer(timer: Timer): void {
    if (!(timer instanceof Appointment) || timer.run === undefined) return;
    this.timers--;
    this.#scheduler.cancel(timer);
  }
}

/** The chip as the board sees it. A cut on the chip is the end of this life. */
export class BoardFlash implements Flash {
  readonly size: number;
  readonly sectorBytes: number;
  readonly programBytes: number;
  readonly #flash: NorFlash;
  readonly #life: Life;

  constructor(flash: NorFlash, life: Life) {
    this.size = flash.size;
    this.sectorBytes = flash.sectorBytes;
    this.programBytes = flash.programBytes;
    this.#flash = flash;
    this.#life = life;
  }

  read(address: number, into: Uint8Array): void {
    this.#do(() => this.#flash.read(address, into), "in a read");
  }

  program(address: number, data: Uint8Array): void {
    this.#do(() => this.#flash.program(address, data), "in a program");
  }

  erase(address: number): void {
    this.#do(() => this.#flash.erase(address), "in an erase");
  }

  #do(operation: () => void, where: string): void {
    this.#life.check();
    try {
      operation();
    } catch (error) {
      if (error instanceof PowerCut) this.#life.cut(where);
      throw error;
    }
  }
}

/** NVS: a value is the old one or the new one, wherever the power goes. */
export class BoardStore implements KeyValue {
  /** What becomes of the next write: the power goes before it, or after. */
  cutNext: "before" | "after" | undefined;
  readonly #values = new Map<string, Uint8Array>();
  #life: Life | undefined;

  /** The next life of the board begins. */
  powerOn(life: Life): void {
    this.#life = life;
  }

  get(key: string): Uint8Array | undefined {
    this.#life?.check();
    return this.#values.get(key)?.slice();
  }

  set(key: string, value: Uint8Array): void {
    this.#life?.check();
    const cut = this.cutNext;
    this.cutNext = undefined;
    if (cut !== "before") this.#values.set(key, value.slice());
    if (cut !== undefined) this.#life?.cut(`${cut} a write of ${key}`);
  }

  delete(key: string): void {
    this.#life?.check();
    this.#values.delete(key);
  }
}

/** A signer that tells what it is given to sign, and fails when there is no memory. */
export class BoardSigner implements Signer {
  readonly publicKey: Uint8Array;
  /** Every signature fails while this is above 0. */
  failures = 0;
  readonly #signer: Signer;
  readonly #signing: (signed: Uint8Array, digest: Uint8Array) => void;
  #hashed: Uint8Array = new Uint8Array(0);

  /** `signing` gets what was hashed last, which is what the digest is of. */
  constructor(signer: Signer, signing: (signed: Uint8Array, digest: Uint8Array) => void) {
    this.publicKey = signer.publicKey;
    this.#signer = signer;
    this.#signing = signing;
  }

  sha256(data: Uint8Array, into: Uint8Array, at: number): void {
    this.#hashed = data;
    this.#signer.sha256(data, into, at);
  }

  sign(digest: Uint8Array, into: Uint8Array, at: number): void {
    this.announce(this.#hashed, digest);
    this.#signer.sign(digest, into, at);
  }

  /** `signed`, of this digest, is to be signed now, here or in a signer of the board's own. Throws Error where there is no memory. */
  announce(signed: Uint8Array, digest: Uint8Array): void {
    if (this.failures > 0) throw new Error("memory full");
    this.#signing(signed, digest);
  }
}
