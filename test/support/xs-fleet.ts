import { readFileSync } from "node:fs";
import type { AgentConfig } from "../../agent/config.js";
import { longestFrame } from "../../agent/config.js";
import { boardConfig } from "../../host-sim/engines/xs/board-config.js";
import { residentBytes } from "../../host-sim/engines/xs/engine.js";
import { type BoardCounts, XsProcess } from "../../host-sim/engines/xs/process.js";
import { ALL_BOARDS, type Creation } from "../../host-sim/engines/xs/wire.js";
import { XsBoard } from "../../host-sim/engines/xs/xs-board.js";
import { MemoryBroker } from "../../host-sim/fleet/memory-link.js";
import { createMemoryFlash } from "../../node/ports/flash.js";
import { createMemoryKeyValue } from "../../node/ports/key-value.js";
import { newPrivateKey } from "../../node/ports/signer.js";
import { VirtualClock } from "./virtual-clock.js";

/** Frames that a board has on their way. */
const WINDOW = 16;
/** The shape of what boards have of their own. */
const FLASH = createMemoryFlash({ size: 8192, sectorBytes: 2048 });

/** Milliseconds until a broker answers: after the turn in which all boards sign, long before the next. */
const LATENCY = 100;

/** Milliseconds of xs-host's processor time for each frame. */
export interface FrameCost {
  /** From the sample to the frame that was given to both brokers. */
  readonly frame: number;
  /** What both acknowledgements cost. */
  readonly acknowledgements: number;
}

export interface FleetInit {
  readonly program: string;
  readonly bundle: string;
  readonly creation: Creation;
  readonly boards: number;
  /** Sensors of a board, of one quantity each: a frame has a reading of each of them. */
  readonly sensors: number;
}

/** Boards in one xs-host on a virtual clock, with two brokers in memory. Each signs a frame a second. */
export class XsFleet {
  readonly host: XsProcess;
  readonly #clock = new VirtualClock();
  readonly #boards: number;
  #failure: Error | undefined;
  #signed = 0;
  /** What the kernel says that xs-host has in memory before there are boards. */
  readonly emptyBytes: Promise<number>;
  /** Milliseconds that it took to make a board, Node's part included. */
  readonly startedIn: Promise<number>;

  constructor({ program, bundle, creation, boards, sensors }: FleetInit) {
    this.host = new XsProcess(program, bundle, (error) => {
      this.#failure = error;
    });
    this.#boards = boards;
    this.emptyBytes = this.host.ready.then(() => residentBytes(this.host.pid));
    this.startedIn = this.#start(creation, sensors);
  }

  async #start(creation: Creation, sensors: number): Promise<number> {
    await this.emptyBytes;
    const brokers = ["a", "b"].map((name) => new MemoryBroker(name, this.#clock));
    for (const broker of brokers) {
      broker.latency = LATENCY;
      broker.subscribe(() => {});
    }
    const startedAt = performance.now();
    const all = Array.from({ length: this.#boards }, (_, number) =>
      this.#createBoard(number, creation, brokers, sensors),
    );
    await this.host.barrier();
    const took = (performance.now() - startedAt) / this.#boards;
    for (const board of all) board.start();
    await this.host.barrier();
    return took;
  }

  /** Lets so many seconds pass. Throws where a frame is missing. */
  async run(seconds: number): Promise<FrameCost> {
    await this.startedIn;
    this.#signed = 0;
    let acknowledging = 0;
    let signing = 0;
    for (let second = 0; second < seconds; second++) {
      acknowledging += await this.#pass(2 * LATENCY);
      signing += await this.#pass(1000 - 2 * LATENCY);
    }
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#signed !== this.#boards * seconds)
      throw new Error(`${this.#signed} frames of ${this.#boards} boards: the figures would mean nothing`);
    return { frame: signing / this.#signed, acknowledgements: acknowledging / this.#signed };
  }

  /** Lets so many milliseconds pass; gives xs-host's processor time. */
  async #pass(milliseconds: number): Promise<number> {
    const before = processorTime(this.host.pid);
    this.#clock.advance(milliseconds);
    await this.host.barrier();
    return processorTime(this.host.pid) - before;
  }

  async counts(collect: boolean): Promise<BoardCounts[]> {
    return [...(await this.host.count(ALL_BOARDS, collect)).values()];
  }

  #createBoard(
    number: number,
    creation: Creation,
    brokers: readonly MemoryBroker[],
    sensors: number,
  ): XsBoard {
    let value = number;
    const sensor = { configure() {}, sample: () => ({ v: 20 + (value++ % 100) / 100 }), close() {} };
    const setups = Array.from({ length: sensors }, (_, at) => ({
      sensor,
      interval: 1000,
      channels: [{ property: "v", name: `sensor-${at}`, unit: "Cel", digits: 2 }],
    }));
    const init = {
      privateKey: newPrivateKey(),
      store: createMemoryKeyValue(),
      flash: FLASH,
      isFlashKept: false,
      clock: this.#clock,
      links: brokers.map((broker) => broker.link()),
      sensors: setups,
      observe: ({ type }: { readonly type: string }) => {
        if (type === "signed") this.#signed++;
      },
      ended: (reason: string) => {
        this.#failure = new Error(`a board ended: ${reason}`);
      },
    };
    const agent: AgentConfig = {
      network: "demo",
      readings: sensors,
      age: 10_000,
      frameBytes: longestFrame("demo", sensors, setups),
      configuration: "0123456789abcdef",
      uplink: {
        copies: 2,
        acknowledgements: 2,
        window: WINDOW,
        timeout: 5000,
        backoff: { min: 250, max: 5000 },
        absent: 60_000,
        order: "oldest",
      },
    };
    return new XsBoard(this.host, number, creation, init, boardConfig(init, agent));
  }
}

/** Processor time of a process in milliseconds (Documentation/scheduler/sched-stats.rst, /proc/pid/schedstat). */
export function processorTime(pid: number | undefined): number {
  return Number(readFileSync(`/proc/${pid}/schedstat`, "utf8").split(" ")[0]) / 1e6;
}
