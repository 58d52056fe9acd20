import { CLOCK_SET, CLOCK_UNSET } from "../../../agent/frame/chain.js";
import { FrameWriter } from "../../../agent/frame/write.js";
import { Journal } from "../../../agent/journal/journal.js";
import { Losses } from "../../../agent/journal/losses.js";
import { Records } from "../../../agent/journal/record.js";
import type { WallTime } from "../../../agent/ports/clock.js";
import type { KeyValue } from "../../../agent/ports/key-value.js";
import type { Random } from "../../../agent/ports/random.js";
import { Parking } from "../../../agent/uplink/parking.js";
import { Session } from "../../../agent/uplink/session.js";
import { Window } from "../../../agent/uplink/window.js";
import type { VirtualBoardPorts } from "../agent-under-test.js";
import { LazyFlash } from "./lazy-flash.js";
import { MeddlingClock } from "./meddling-clock.js";
import { type Meddling, MeddlingLink } from "./meddling-link.js";
import { type Meddle, replaceMethod, type Sabotage } from "./sabotage.js";
import { sickSensors } from "./sick-sensors.js";

const YEAR_2026 = 1_767_225_600_000;
const HOUR = 3_600_000;

/** A store whose values are gone with the power. */
class ForgetfulStore implements KeyValue {
  readonly #store: KeyValue<string>;
  readonly #inRam = new Map<string, Uint8Array>();

  constructor(store: KeyValue<string>) {
    this.#store = store;
  }

  get(key: string): Uint8Array | undefined {
    return this.#inRam.get(key) ?? this.#store.get(key);
  }

  set(key: string, value: Uint8Array): void {
    this.#inRam.set(key, value.slice());
  }

  delete(key: string): void {
    this.#inRam.delete(key);
  }
}

/** A clock that takes the time at which the firmware was built for the time of day, until it knows better. */
class HopefulClock extends MeddlingClock {
  override wall(): WallTime {
    const told = super.wall();
    return told.state === CLOCK_UNSET ? { state: CLOCK_SET, unix: YEAR_2026 + this.uptime() } : told;
  }
}

function links(meddling: Meddling): Meddle {
  return (ports) => ({ ...ports, links: ports.links.map((link) => new MeddlingLink(link, meddling)) });
}

const nothing = () => () => undefined;

/** High in all first bytes, so that what is drawn from a span is near its end. */
function hardlyRandom(random: Random): Random {
  return {
    fill(into) {
      random.fill(into);
      into[0] = 0xff;
    },
  };
}

/** The sequence that a frame is written with, where positions that failed are used again. */
function signAgain(): () => void {
  const failed = new WeakMap<object, number>();
  let writer: object | undefined;
  let appended = 0;
  const undoBegin = replaceMethod(
    FrameWriter.prototype,
    "begin",
    (begin) =>
      function (header, readings) {
        writer = this;
        const { sequence } = header as { sequence: number };
        return begin.call(
          this,
          { ...(header as object), sequence: sequence - (failed.get(this) ?? 0) },
          readings,
        );
      },
  );
  const undoAppend = replaceMethod(
    Journal.prototype,
    "append",
    (append) =>
      function (...parameters) {
        if (++appended % 20 === 0 && writer !== undefined) {
          failed.set(writer, (failed.get(writer) ?? 0) + 1);
          throw new Error("sabotage: the flash fails");
        }
        return append.call(this, ...parameters);
      },
  );
  return () => {
    undoBegin();
    undoAppend();
  };
}

/** In the window, and beside it. */
function countDead(): () => void {
  const undoWindow = replaceMethod(Window.prototype, "forget", nothing);
  const undoParking = replaceMethod(
    Parking.prototype,
    "forget",
    (forget) =>
      function (brokers) {
        if (!(Number(brokers) > 0)) forget.call(this, brokers); // no broker, or all
      },
  );
  return () => {
    undoWindow();
    undoParking();
  };
}

/** Only the timer that would end the waiting is left out. */
function stayAway(arm: (this: object, ...parameters: unknown[]) => unknown) {
  return function (this: object, delay: unknown) {
    if (this instanceof Session && !this.isWanted && !this.isReady) return undefined;
    return arm.call(this, delay);
  };
}

/** Why this boot began, as the board says in its status. */
function resetOf({ about }: VirtualBoardPorts): string {
  return String((about as { readonly reset?: string } | undefined)?.reset);
}

/** A board that was on before begins with an empty flash. */
function format(ports: VirtualBoardPorts): VirtualBoardPorts {
  const { flash, store } = ports;
  if (store.get("boot") !== undefined)
    for (let address = 0; address < flash.size; address += flash.sectorBytes) flash.erase(address);
  return ports;
}

/** Fails one of so many acknowledgements. */
const SELDOM = 40;

function throwSeldom(): () => void {
  let count = 0;
  return replaceMethod(
    Journal.prototype,
    "acknowledge",
    (acknowledge) =>
      function (id) {
        if (++count % SELDOM === 0) throw new Error("sabotage: nobody catches this");
        return acknowledge.call(this, id);
      },
  );
}

/** One board's sensor fails, and no board has any reading for an hour. */
function sharedFate(): Pick<Required<Sabotage>, "meddle" | "install"> {
  let failedAt = Number.NEGATIVE_INFINITY;
  return {
    install() {
      failedAt = Number.NEGATIVE_INFINITY;
      return () => {};
    },
    meddle(ports) {
      const now = () => ports.clock.wall().unix;
      const isSilent = () => now() >= failedAt && now() - failedAt < HOUR;
      const failed = () => {
        failedAt = now();
      };
      return { ...ports, sensors: sickSensors(ports.sensors, isSilent, failed) };
    },
  };
}

/** What boards do wrong. */
export const BOARD_SABOTAGES = {
  "skip-flush": {
    what: "a frame is sent before the flash has it",
    meddle: (ports) => ({ ...ports, flash: new LazyFlash(ports.flash) }),
  },
  "forget-boot": {
    what: "the boot counter is not made durable",
    meddle: (ports) => ({ ...ports, store: new ForgetfulStore(ports.store) }),
  },
  "acknowledge-early": {
    what: "a frame leaves its board when one broker has it",
    uplink: { acknowledgements: 1 },
  },
  "give-up-early": {
    what: "brokers that are away are waited for, for a minute",
    uplink: { absent: 60_000 },
  },
  "wait-for-ever": {
    what: "brokers that are away are waited for, for as long as they are",
    uplink: { absent: 1000 * HOUR },
  },
  "count-dead-brokers": {
    what: "what a broker acknowledged counts after its session broke",
    install: countDead,
  },
  "believe-all": {
    what: "an acknowledgement counts that says nobody gets the message",
    meddle: links({ believesAll: true }),
  },
  "never-resend": {
    what: "a frame is sent to each broker only once",
    meddle: links({ neverAgain: true }),
  },
  "ignore-frozen": {
    what: "a broker that does not answer is waited for, for hours",
    uplink: { timeout: 6 * HOUR },
  },
  "slow-to-notice": {
    what: "a broker that does not answer is waited for, for 20 s",
    uplink: { timeout: 20_000 },
  },
  "no-substitute": {
    what: "of three brokers two are used, whatever becomes of them",
    meddle: (ports) => ({ ...ports, links: ports.links.slice(0, 2) }),
  },
  "send-twice": {
    what: "a frame is sent twice to each broker",
    meddle: links({ stutters: true }),
  },
  "newest-only": {
    what: "boards that are to send both ends of a backlog in turn send the newest first",
    uplink: { order: "newest" },
  },
  "no-back-off": {
    what: "a broker that went away is tried again at once, always",
    uplink: { backoff: { min: 1, max: 1 } },
  },
  "no-jitter": {
    what: "all boards wait for the same time before they try again",
    meddle: (ports) => ({ ...ports, random: { fill: (into) => void into.fill(0) } }),
  },
  "little-jitter": {
    what: "all boards wait for about the same time before they try again",
    meddle: (ports) => ({ ...ports, random: hardlyRandom(ports.random) }),
  },
  "sign-again": {
    what: "a position is signed again after the frame could not be kept",
    install: signAgain,
  },
  "reuse-early": {
    what: "a sector is erased though frames in it wait, and that is not declared",
    install: () => replaceMethod(Journal.prototype, "evict", () => () => true),
  },
  "forget-losses": {
    what: "what was dropped is never declared",
    install: () => replaceMethod(Losses.prototype, "add", nothing),
  },
  "trust-torn": {
    what: "a record in the flash is taken for whole unchecked",
    install: () =>
      replaceMethod(
        Records.prototype,
        "read",
        (read) =>
          function (this: object, address, limit, id = 0, ids = 1) {
            if (read.call(this, address, limit, id, ids) === true) return true;
            Reflect.set(this, "id", id);
            return this instanceof Records && this.readHead(Number(address), Number(limit));
          },
      ),
  },
  "take-clock-as-set": {
    what: "a clock that was never set is taken for right",
    meddle: (ports) => ({ ...ports, clock: new HopefulClock(ports.clock) }),
  },
  "format-at-boot": {
    what: "the journal is formatted at each boot",
    meddle: format,
  },
  "asleep-after-watchdog": {
    what: "a board that the watchdog has reset samples no more",
    meddle: (ports) =>
      resetOf(ports) === "watchdog" ? { ...ports, sensors: sickSensors(ports.sensors, () => true) } : ports,
  },
  "shared-fate": {
    what: "one board's sensor fails, and all boards are silent for an hour",
    ...sharedFate(),
  },
  "throw-seldom": {
    what: "one of forty acknowledgements throws",
    install: throwSeldom,
  },
  "stay-away": {
    what: "a broker that went away is never tried again",
    install: () => replaceMethod(Session.prototype, "arm", stayAway),
  },
} satisfies Record<string, Sabotage>;
