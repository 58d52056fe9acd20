import { hex, kidOfKey } from "../../agent/cose/kid.js";
import type { UplinkConfig } from "../../agent/uplink/uplink.js";
import { MemoryRegistry } from "../../network/verify/memory-registry.js";
import { createSigner, newPrivateKey, signatureChecker, uncompressedKey } from "../../node/ports/signer.js";
import { absentOf, CONFIGURATION, NETWORK, UPLINK, type VirtualBoardPorts } from "./agent-under-test.js";
import { VirtualBoard } from "./board.js";
import { Broker } from "./broker.js";
import { Cheat } from "./cheat.js";
import { Dice } from "./dice.js";
import type { VirtualEngine } from "./engine.js";
import { StoreLosses } from "./losses.js";
import type { Observer } from "./observer.js";
import type { Keep } from "./options.js";
import { boardName, brokerName, numberOf } from "./plan.js";
import { Route } from "./route.js";
import { enrolledSensors } from "./sensors.js";
import { Scheduler } from "./time.js";
import { VirtualVerifier } from "./verifier.js";

export interface WorldInit {
  readonly engine: VirtualEngine;
  readonly seed: number;
  readonly devices: number;
  /** The boards that there are, of so many devices; left out, all. */
  readonly boards?: readonly number[] | undefined;
  readonly brokers: number;
  readonly interval: number;
  readonly uplink: Partial<UplinkConfig>;
  readonly keep: Keep;
  readonly meddle: (ports: VirtualBoardPorts) => VirtualBoardPorts;
  readonly note: (who: string, what: string) => void;
}

const SECTOR_BYTES = 4096;
/** Milliseconds after which the verifier is there first. */
const VERIFIER_STARTS = [0, 150_000];
/** Sectors of the journal: every second board has few, so that some journals fill up. */
const SECTORS = [16, 5, 16, 4];

/** Boards, brokers, the ways between them and a verifier, all in virtual time. */
export class World {
  readonly scheduler = new Scheduler();
  readonly dice: Dice;
  readonly brokers: readonly Broker[];
  readonly boards: readonly VirtualBoard[];
  readonly verifier: VirtualVerifier;
  readonly cheat: Cheat;
  readonly losses: StoreLosses;
  readonly routes: readonly Route[];
  /** Boards sample no more: the run comes to its end. */
  isFinishing = false;
  readonly note: WorldInit["note"];
  /** Whose word lets frames leave the boards. */
  readonly keep: Keep;
  readonly #byNumber = new Map<number, VirtualBoard>();
  readonly #byKid = new Map<string, number>();
  readonly #routes = new Map<string, readonly Route[]>();
  readonly #interval: number;
  readonly #devices: number;

  constructor(init: WorldInit, observer: Observer) {
    const { seed, devices, interval, boards = Array.from({ length: devices }, (_, index) => index) } = init;
    const { scheduler } = this;
    this.dice = new Dice(`world ${seed}`);
    this.note = init.note;
    this.keep = init.keep;
    const witness = init.keep === "witnesses" ? createSigner(keyOf(this.dice.fork("witness"))) : undefined;
    const witnesses = witness && { keys: [witness.publicKey], least: 1 };
    this.#interval = interval;
    this.#devices = devices;
    this.brokers = Array.from(
      { length: init.brokers },
      (_, index) => new Broker(brokerName(index), scheduler, this.dice.fork(brokerName(index)), observer),
    );
    const enrolment = new MemoryRegistry(NETWORK, boards.length + 1);
    const sensors = enrolledSensors(interval);
    const enrol = (name: string, privateKey: Uint8Array) => {
      const signer = createSigner(privateKey);
      const kid = hex(kidOfKey(signer.publicKey, signer));
      enrolment.add(kid, uncompressedKey(signer.publicKey), name, sensors, {
        configurations: [CONFIGURATION],
      });
      return { signer, kid };
    };
    this.boards = boards.map((number) => {
      const name = boardName(number);
      const dice = this.dice.fork(name);
      const privateKey = keyOf(dice.fork("key"));
      this.#byKid.set(enrol(name, privateKey).kid, number);
      const order = number % 2 === 0 ? "oldest" : "newest";
      const config: UplinkConfig = { ...UPLINK, order, absent: absentOf(seed), ...init.uplink };
      const sectors = SECTORS[number % SECTORS.length] as number;
      const board = new VirtualBoard({
        number,
        engine: init.engine,
        scheduler,
        dice,
        brokers: this.brokers,
        routes: this.#makeRoutes(name),
        observer,
        privateKey,
        config,
        witnesses,
        order,
        flash: { size: sectors * SECTOR_BYTES, sectorBytes: SECTOR_BYTES },
        interval,
        meddle: init.meddle,
      });
      this.#byNumber.set(number, board);
      return board;
    });
    this.verifier = new VirtualVerifier({
      scheduler,
      dice: this.dice.fork("verifier"),
      brokers: this.brokers,
      routes: this.#makeRoutes("verifier"),
      registry: enrolment,
      signatures: signatureChecker,
      observer,
      witness,
    });
    this.cheat = new Cheat(enrol("cheat", keyOf(this.dice.fork("cheat"))).signer, scheduler, this.brokers);
    this.losses = new StoreLosses(this.boards, this.brokers, scheduler);
    this.routes = [...this.#routes.values()].flat();
  }

  /** Milliseconds of the run at which a board gets power first: spread, so that they do not sample together. */
  startOf(number: number): number {
    return 2000 + Math.floor((this.#interval * number) / this.#devices);
  }

  start(): void {
    // Until the verifier has been there once, brokers keep nothing, and say so.
    this.scheduler.after(this.dice.fork("late").pick(VERIFIER_STARTS), () => this.verifier.start());
    this.cheat.start();
    for (const board of this.boards)
      this.scheduler.after(this.startOf(board.number), () => board.powerOn("power-on"));
  }

  /** Boards sample no more. */
  finish(): void {
    this.isFinishing = true;
    for (const board of this.boards) board.finish();
  }

  /** Undefined where the run was made smaller, and leaves it out. */
  boardOf(whom: string): VirtualBoard | undefined {
    return this.#byNumber.get(numberOf(whom));
  }

  brokerOf(whom: string): Broker {
    const broker = this.brokers[numberOf(whom)];
    if (broker === undefined) throw new RangeError(`there is no ${whom}`);
    return broker;
  }

  /** `board-3/broker-1`, or with `*` all ways of one client; none where the client is left out. */
  routesOf(whom: string): readonly Route[] {
    const [client = "", broker = ""] = whom.split("/");
    const routes = this.#routes.get(client) ?? [];
    return broker === "*" ? routes : routes.filter((_, index) => brokerName(index) === broker);
  }

  /** The number of the board that a kid (in hex) belongs to; undefined where it is no board's. */
  numberOf(kid: string): number | undefined {
    return this.#byKid.get(kid);
  }

  #makeRoutes(client: string): readonly Route[] {
    const routes = this.brokers.map(
      ({ name }) => new Route(this.scheduler, this.dice.fork(`route ${client} ${name}`), `${client}/${name}`),
    );
    this.#routes.set(client, routes);
    return routes;
  }
}

function keyOf(dice: Dice): Uint8Array {
  return newPrivateKey((bytes) => {
    const key = new Uint8Array(bytes);
    dice.fill(key);
    return key;
  });
}
