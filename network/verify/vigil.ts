import { hex } from "../../agent/cose/kid.js";
import { CLOCK_UNSET } from "../../agent/frame/chain.js";
import type { Frame } from "../../agent/frame/parse.js";
import { isEnded, type Registry } from "./registry.js";

/** A board is silent when it has not sent for so many of its cadences, and for this long at least. Seconds. */
const CADENCES = 5;
const LEAST = 10;
/** Seconds after which a broker that is not reached is told of again: twice as long each time, up to the last. */
const AGAIN = 5;
const SELDOM = 600;
/** A clock that differs by more is plainly wrong. Seconds; boards and networks are slow by less. */
const CLOCK = 300;
/** Devices that must say the same of the clock; where fewer are enrolled, all of them. */
const WITNESSES = 2;

/** Boards that are looked at in one look; of more, the others in the next ones: nobody waits for a look at 100,000. */
const LOOKED_AT = 1000;

/** What a verifier that is left alone should tell whoever looks after it. */
export type Alarm =
  /** A board has sent nothing for so long: told once. `seconds`: since it was heard, or since it could have been. */
  | { readonly type: "silent"; readonly kid: string; readonly seconds: number; readonly cadence: number }
  | { readonly type: "back"; readonly kid: string; readonly seconds: number }
  /** A broker is not reached, still. */
  | { readonly type: "unreached"; readonly broker: string; readonly seconds: number; readonly reason: string }
  /** This machine's clock differs from those of the boards by so many seconds; ahead of them where it is positive. */
  | { readonly type: "clock"; readonly seconds: number; readonly boards: number; readonly of: number }
  | { readonly type: "clock-right" };

interface Heard {
  at: number;
  isSilent: boolean;
  /** Its last frame, to see whether the next one comes as time goes by, or from a backlog. */
  boot: number;
  uptime: number;
  /** Seconds by which this machine's clock is ahead of the board's, where the two can be compared. */
  ahead: number | undefined;
}

interface Away {
  since: number;
  wait: number;
  next: number;
  reason: string;
}

/**
 * Notices what nobody sends: boards that fall silent, brokers that are not there, a clock that is wrong. All times are given, in seconds
 * that only go forwards.
 */
export class Vigil {
  #registry: Registry;
  readonly #tell: (alarm: Alarm) => void;
  readonly #heard = new Map<string, Heard>();
  readonly #away = new Map<string, Away>();
  readonly #brokers = new Set<string>();
  /** Since when a broker delivers: before that no board can be heard. */
  #listening: number | undefined;
  #isClockWrong = false;
  /** Where the next look for silent boards goes on. */
  #kids: Iterator<string> | undefined;
  /** Boards whose clock can be compared with this machine's, and those of them that differ by more than CLOCK. */
  #compared = 0;
  #wrong = 0;

  constructor(registry: Registry, tell: (alarm: Alarm) => void) {
    this.#registry = registry;
    this.#tell = tell;
  }

  /** Devices that are new are given time from `now` on. */
  enrol(registry: Registry, now: number): void {
    const before = this.#registry;
    this.#registry = registry;
    this.#kids = undefined;
    for (const kid of registry.kids()) if (before.device(kid) === undefined) this.#heardOf(kid, now);
    for (const kid of this.#heard.keys()) if (registry.device(kid) === undefined) this.#forget(kid);
  }

  broker(broker: string, isThere: boolean, reason: string, now: number): void {
    if (isThere) {
      this.#away.delete(broker);
      this.#brokers.add(broker);
      this.#listening ??= now;
      return;
    }
    this.#brokers.delete(broker);
    if (this.#brokers.size === 0) this.#listening = undefined;
    if (!this.#away.has(broker))
      this.#away.set(broker, { since: now, wait: AGAIN, next: now + AGAIN, reason });
  }

  /** An authentic frame has come. `unix`: this machine's clock. */
  frame({ kid: bytes, boot, uptime, time, clock }: Frame, now: number, unix: number): void {
    const kid = hex(bytes);
    const heard = this.#heardOf(kid, now);
    if (heard.isSilent) this.#tell({ type: "back", kid, seconds: Math.round(now - heard.at) });
    heard.isSilent = false;
    const passed = uptime - heard.uptime;
    // A backlog comes faster than it was made, and says nothing of the clock.
    const isLive = heard.boot === boot && passed > 0 && now - heard.at > passed / 2;
    if (isLive) this.#compare(heard, clock === CLOCK_UNSET ? undefined : unix - (time as number));
    if (heard.boot !== boot || passed > 0) Object.assign(heard, { boot, uptime });
    heard.at = now;
  }

  /** To be called about once a second. */
  look(now: number): void {
    for (const [broker, away] of this.#away) {
      if (now < away.next) continue;
      const seconds = Math.round(away.next - away.since);
      this.#tell({ type: "unreached", broker, seconds, reason: away.reason });
      away.wait = Math.min(2 * away.wait, SELDOM);
      away.next = Math.max(now, away.next + away.wait);
    }
    this.#lookForSilence(now);
    this.#lookAtClock();
  }

  #lookForSilence(now: number): void {
    if (this.#listening === undefined) return;
    this.#kids ??= this.#registry.kids()[Symbol.iterator]();
    for (let left = LOOKED_AT; left > 0; left--) {
      const { value: kid, done = false } = this.#kids.next();
      if (done) {
        this.#kids = undefined;
        return;
      }
      const device = this.#registry.device(kid);
      if (device === undefined || isEnded(device)) continue;
      const heard = this.#heardOf(kid, now);
      if (heard.isSilent) continue;
      const seconds = now - Math.max(heard.at, this.#listening);
      if (seconds < LEAST) continue;
      const cadence = this.#cadenceOf(kid);
      if (seconds < CADENCES * cadence) continue;
      heard.isSilent = true;
      this.#tell({ type: "silent", kid, seconds: Math.round(seconds), cadence });
    }
  }

  #lookAtClock(): void {
    const enough =
      this.#wrong >= Math.min(WITNESSES, this.#registry.size) && this.#wrong > this.#compared / 2;
    if (enough === this.#isClockWrong || this.#compared === 0) return;
    this.#isClockWrong = enough;
    if (!enough) {
      this.#tell({ type: "clock-right" });
      return;
    }
    const wrong = [...this.#heard.values()].flatMap(({ ahead }) => (isWrong(ahead) ? [ahead] : []));
    wrong.sort((a, b) => a - b);
    const seconds = Math.round(wrong[Math.floor(wrong.length / 2)] ?? 0);
    this.#tell({ type: "clock", seconds, boards: this.#wrong, of: this.#compared });
  }

  /** Counted as it comes: nobody goes through all boards each second. */
  #compare(heard: Heard, ahead: number | undefined): void {
    this.#compared += Number(ahead !== undefined) - Number(heard.ahead !== undefined);
    this.#wrong += Number(isWrong(ahead)) - Number(isWrong(heard.ahead));
    heard.ahead = ahead;
  }

  #forget(kid: string): void {
    const heard = this.#heard.get(kid);
    if (heard !== undefined) this.#compare(heard, undefined);
    this.#heard.delete(kid);
  }

  #heardOf(kid: string, now: number): Heard {
    let heard = this.#heard.get(kid);
    if (heard === undefined) {
      heard = { at: now, isSilent: false, boot: -1, uptime: 0, ahead: undefined };
      this.#heard.set(kid, heard);
    }
    return heard;
  }

  /** Of the sensor that is read most often. */
  #cadenceOf(kid: string): number {
    let least = Number.POSITIVE_INFINITY;
    for (const { cadence } of this.#registry.device(kid)?.sensors.values() ?? [])
      least = Math.min(least, cadence);
    return least;
  }
}

function isWrong(ahead: number | undefined): ahead is number {
  return ahead !== undefined && Math.abs(ahead) > CLOCK;
}
