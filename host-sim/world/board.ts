import { hex, kidOfKey } from "../../agent/cose/kid.js";
import { receiptTopic } from "../../agent/frame/topic.js";
import type { Random } from "../../agent/ports/random.js";
import { Receipts } from "../../agent/receipt/receipts.js";
import type { WitnessConfig } from "../../agent/receipt/witness-config.js";
import type { UplinkConfig } from "../../agent/uplink/uplink.js";
import { createSigner, signatureChecker } from "../../node/ports/signer.js";
import { NorChip } from "../virtual-board/flash/nor.js";
import { NETWORK, type VirtualBoardPorts } from "./agent-under-test.js";
import type { Broker } from "./broker.js";
import type { Dice } from "./dice.js";
import type { RunningAgent, VirtualEngine } from "./engine.js";
import { Life } from "./life.js";
import { VirtualLink } from "./link.js";
import type { Observer } from "./observer.js";
import { BoardClock, BoardFlash, BoardSigner, BoardStore, TimeOfDay } from "./ports.js";
import type { Route } from "./route.js";
import { Surroundings } from "./sensors.js";
import { signedLosses, signedPosition } from "./signed-position.js";
import type { Appointment, Scheduler } from "./time.js";

/** What a board is given once, for all its lives. */
export interface BoardInit {
  readonly number: number;
  /** What its program runs on. */
  readonly engine: VirtualEngine;
  readonly scheduler: Scheduler;
  readonly dice: Dice;
  readonly brokers: readonly Broker[];
  readonly routes: readonly Route[];
  readonly observer: Observer;
  readonly privateKey: Uint8Array;
  readonly config: UplinkConfig;
  /** Whom frames wait for; left out, brokers. */
  readonly witnesses?: WitnessConfig | undefined;
  /** As the board is to have it, whatever a sabotage makes of it. */
  readonly order: UplinkConfig["order"];
  readonly flash: { readonly size: number; readonly sectorBytes: number };
  /** Milliseconds from one sample to the next. */
  readonly interval: number;
  /** Sabotage of what the agent is given, if any. */
  readonly meddle: (ports: VirtualBoardPorts) => VirtualBoardPorts;
}

/** What becomes of a board's next life as it begins. */
export interface BootCut {
  /** Milliseconds after power-on; or … */
  readonly after?: number;
  /** … at this operation of the flash, counted from power-on, or of the store. */
  readonly operation?: number;
  readonly place: "before" | "inside" | "after" | "store-before" | "store-after";
  /** Milliseconds without power after it. */
  readonly off: number;
}

const SNTP_RETRY = 60_000;

/** A board over all its lives: what is soldered to it stays, what runs on it comes and goes with the power. */
export class VirtualBoard {
  readonly number: number;
  readonly chip: NorChip;
  readonly store = new BoardStore();
  readonly timeOfDay = new TimeOfDay();
  readonly surroundings: Surroundings;
  readonly signer: BoardSigner;
  /** Sectors that were made to fail. */
  readonly worn = new Set<number>();
  /** SNTP does not answer while this is above 0. */
  sntpSilence = 0;
  /** What befalls the next lives, first come, first served. */
  readonly bootCuts: BootCut[] = [];
  agent: RunningAgent | undefined;
  clock: BoardClock | undefined;
  links: readonly VirtualLink[] = [];
  /** Milliseconds without power after a cut on the chip. */
  offAfterCut = 1000;
  readonly #init: BoardInit;
  readonly #dice: Dice;
  #life: Life | undefined;
  #resets = 0;
  #powerOn: Appointment | undefined;
  #isFinished = false;

  constructor(init: BoardInit) {
    const { number, dice, flash, observer, privateKey } = init;
    this.number = number;
    this.#init = init;
    this.#dice = dice.fork("board");
    const chance = dice.fork("flash");
    this.chip = new NorChip({ ...flash, preprogram: true, random: () => chance.next() });
    this.surroundings = new Surroundings(dice.fork("sensors"), (sensor, name, value) =>
      observer.sampled(number, sensor, name, value),
    );
    this.signer = new BoardSigner(createSigner(privateKey), (signed, digest) =>
      observer.signing(number, signedPosition(signed), signedLosses(signed), digest),
    );
  }

  /** From power-on to the next cut or reset. */
  get life(): Life | undefined {
    return this.#life;
  }

  /** Which frames of a backlog it is told to send first. */
  get order(): UplinkConfig["order"] {
    return this.#init.order;
  }

  get isOn(): boolean {
    return this.#life?.isOn ?? false;
  }

  powerOn(reset: string): void {
    this.#powerOn = undefined;
    const { number, engine, scheduler, observer, config, privateKey, meddle } = this.#init;
    const life = new Life(
      (where) => this.#lost(where),
      (error) => {
        observer.crashed(number, error);
        this.reset("panic", 1000);
      },
    );
    this.#life = life;
    this.store.powerOn(life);
    this.clock = new BoardClock(scheduler, life, this.timeOfDay);
    this.links = this.#makeLinks(life);
    this.#planCut(life);
    this.#askTime(life, this.#dice.between(1000, 5000));
    const random: Random = this.#dice.fork(`random ${this.#resets}`);
    const ports: VirtualBoardPorts = {
      clock: this.clock,
      random,
      signer: this.signer,
      receipts: Receipts,
      checker: signatureChecker,
      store: this.store,
      flash: new BoardFlash(this.chip.powerOn(), life),
      links: this.links,
      sensors: this.surroundings.sensors(this.#init.interval),
      about: { reset, resets: this.#resets },
      observe: (event) => {
        if (life.isOn) observer.told(number, event);
      },
    };
    life.turn(() => {
      this.agent = engine.boot({
        board: number,
        privateKey,
        ports: meddle(ports),
        uplink: config,
        witnesses: this.#init.witnesses,
        signer: this.signer,
        ended: (reason) =>
          life.turn(() => {
            throw new Error(reason);
          }),
      });
      // A cut may look to the agent like a sector that fails: it goes on, and is not there any more.
      if (!life.isOn) return;
      observer.booted(number, this.agent.boot);
      if (!this.#isFinished) this.agent.start();
    });
  }

  /** The power goes, and comes back after `off` milliseconds. The time of day is lost. */
  cut(reason: string, off: number): void {
    if (!this.isOn) return;
    this.offAfterCut = off;
    this.#end(reason);
    this.timeOfDay.state = 0;
    this.#later("power-on", off);
  }

  /**
   * The processor restarts: the flash stops between two operations, and the time of day is kept.
   */
  reset(reason: string, off: number): void {
    if (!this.isOn) return;
    this.#end(reason);
    if (this.timeOfDay.state === 2) this.timeOfDay.state = 1;
    this.#later(reason, off);
  }

  /** Samples no more. */
  finish(): void {
    this.#isFinished = true;
    this.#life?.turn(() => this.agent?.finish());
  }

  #lost(where: string): void {
    this.#end(where);
    this.timeOfDay.state = 0;
    this.#later("power-on", this.offAfterCut);
  }

  #end(reason: string): void {
    this.#life?.end();
    this.chip.powerOff();
    for (const link of this.links) link.silence();
    this.agent?.powerOff();
    this.agent = undefined;
    this.#resets++;
    this.#init.observer.cut(this.number, reason);
  }

  #later(reason: string, off: number): void {
    if (this.#powerOn !== undefined) this.#init.scheduler.cancel(this.#powerOn);
    this.#powerOn = this.#init.scheduler.after(off, () => this.powerOn(reason));
  }

  #planCut(life: Life): void {
    const planned = this.bootCuts.shift();
    if (planned === undefined) return;
    const { after, operation = 0, place, off } = planned;
    this.offAfterCut = off;
    if (place === "store-before") this.store.cutNext = "before";
    else if (place === "store-after") this.store.cutNext = "after";
    else if (after === undefined) this.chip.cutAt(operation, place);
    this.#init.scheduler.after(after ?? 30_000, () => {
      if (this.#life === life) this.cut("brown-out", off);
    });
  }

  #askTime(life: Life, delay: number): void {
    this.#init.scheduler.after(delay, () => {
      if (!life.isOn) return;
      if (this.sntpSilence === 0) this.timeOfDay.set();
      else this.#askTime(life, SNTP_RETRY);
    });
  }

  #makeLinks(life: Life): VirtualLink[] {
    const { number, brokers, routes, scheduler, observer, witnesses } = this.#init;
    const inbox = witnesses && {
      topic: receiptTopic(NETWORK, hex(kidOfKey(this.signer.publicKey, this.signer))),
      received: (payload: Uint8Array) => void this.agent?.receive(payload),
    };
    return brokers.map((broker, index) => {
      const route = routes[index] as Route;
      return new VirtualLink({
        client: `board-${number}`,
        broker,
        route,
        scheduler,
        dice: this.#dice.fork(`link ${index}`),
        life,
        opening: () => observer.opening(number, index),
        sent: (id, payload, retain) => {
          if (retain) observer.reported(number, index, payload);
          else observer.sent(number, index, id, payload);
        },
        acked: (id, kept) => observer.acked(number, index, id, kept),
        inbox,
      });
    });
  }
}
