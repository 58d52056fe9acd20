import { beforeAll, describe, expect, test } from "@jest/globals";
import type { AgentEvent } from "../../../../agent/agent-ports.js";
import type { AgentConfig } from "../../../../agent/config.js";
import type { Flash } from "../../../../agent/ports/flash.js";
import type { KeyValue } from "../../../../agent/ports/key-value.js";
import { PowerCut } from "../../../../host-sim/engines/power-cut.js";
import { boardConfig } from "../../../../host-sim/engines/xs/board-config.js";
import type { XsSync } from "../../../../host-sim/engines/xs/sync.js";
import { XsBoard, type XsBoardOptions } from "../../../../host-sim/engines/xs/xs-board.js";
import { MemoryBroker } from "../../../../host-sim/fleet/memory-link.js";
import { NorChip } from "../../../../host-sim/virtual-board/flash/nor.js";
import { createMemoryFlash } from "../../../../node/ports/flash.js";
import { createMemoryKeyValue } from "../../../../node/ports/key-value.js";
import { VirtualClock } from "../../../support/virtual-clock.js";
import { AGENT } from "./virtual-board.js";
import { bundleAgent, COMPILE_TIMEOUT, CREATION, KEY, startSync, xsHost } from "./xs-host.js";

const GEOMETRY = { size: 16_384, sectorBytes: 2048 };
const ROOMY = { ...CREATION, slots: 2048, stackSlots: 600, chunkBytes: 32_768 };
const CONFIG: AgentConfig = {
  ...AGENT.agent,
  readings: 1,
  uplink: { ...AGENT.agent.uplink, copies: 1, acknowledgements: 1 },
};
let sync: XsSync;
let next = 1;

beforeAll(async () => {
  const [program, bundle] = await Promise.all([xsHost(), bundleAgent()]);
  sync = startSync(program, bundle);
}, COMPILE_TIMEOUT);

interface Place {
  readonly number: number;
  readonly flash: Flash;
  readonly isFlashKept?: boolean;
  readonly store: KeyValue;
  /** Nobody answers. */
  readonly isOffline?: boolean;
}

/** A board of the real agent in virtual time: one sensor, one broker, a frame a second. */
function boot({ isFlashKept = false, isOffline = false, ...place }: Place, options: XsBoardOptions = {}) {
  const clock = new VirtualClock();
  const broker = new MemoryBroker("a", clock);
  broker.latency = 10;
  if (isOffline) broker.kill();
  const frames: string[] = [];
  broker.subscribe((payload) => frames.push(Buffer.from(payload).toString("hex")));
  const events: AgentEvent[] = [];
  const ends: string[] = [];
  const sensor = { configure() {}, sample: () => ({ v: 20 }), close() {} };
  const channels = [{ property: "v", name: "temperature", unit: "Cel", digits: 2 }];
  const init = {
    ...place,
    isFlashKept,
    privateKey: KEY,
    clock,
    links: [broker.link()],
    sensors: [{ sensor, interval: 1000, channels }],
    observe: (event: AgentEvent) => events.push(event),
    ended: (reason: string) => ends.push(reason),
  };
  const board = new XsBoard(
    sync,
    place.number,
    ROOMY,
    init,
    boardConfig(init, CONFIG, options.isRemote),
    options,
  );
  board.start();
  const of = <Type extends AgentEvent["type"]>(type: Type) =>
    events.filter((event): event is Extract<AgentEvent, { type: Type }> => event.type === type);
  return { board, clock, frames, ends, of };
}

const signedBoots = (run: ReturnType<typeof boot>) =>
  new Set(run.of("signed").map(({ position }) => position.boot));

describe("a board whose flash and store are Node's", () => {
  test("the same seed, the same frames as with a flash of its own", () => {
    const run = (options: XsBoardOptions) => {
      const place = { number: next++, flash: createMemoryFlash(GEOMETRY), store: createMemoryKeyValue() };
      const it = boot(place, { ...options, seed: new Uint8Array(32).fill(3) });
      it.clock.advance(30_000);
      it.board.stop();
      return it.frames;
    };
    const own = run({});
    expect(own.length).toBeGreaterThan(20);
    expect(run({ isRemote: true })).toEqual(own);
  });

  test("power cuts at and inside of flash operations: each ends the board, and the next goes on with all frames", () => {
    const chip = new NorChip(GEOMETRY);
    const store = createMemoryKeyValue();
    const number = next++;
    let signed = 0;
    for (const [round, place] of (["before", "inside", "after"] as const).entries()) {
      const run = boot({ number, flash: chip.powerOn(), store, isOffline: true }, { isRemote: true });
      expect(run.of("recovered").map(({ pending }) => pending)).toEqual([signed]);
      run.clock.advance(5000);
      expect([...signedBoots(run)]).toEqual([round + 1]);
      chip.cutAt(0, place);
      run.clock.advance(5000);
      expect(run.ends).toEqual(["power-cut: the power was cut"]);
      signed += run.of("signed").length;
      // What was durable and was not said to be.
      if (place === "after") signed++;
    }
    const last = boot({ number, flash: chip.powerOn(), store }, { isRemote: true });
    last.clock.advance(20_000);
    last.board.stop();
    expect(last.of("recovered").map(({ pending }) => pending)).toEqual([signed]);
    expect(last.of("acknowledged").length).toBeGreaterThanOrEqual(signed);
    expect(last.ends).toEqual([]);
  });

  test("a power cut inside the store: at boot, the board has signed nothing", () => {
    const store = {
      ...createMemoryKeyValue(),
      set: () => {
        throw new PowerCut();
      },
    };
    const run = boot({ number: next++, flash: createMemoryFlash(GEOMETRY), store }, { isRemote: true });
    run.clock.advance(5000);
    expect(run.ends).toEqual(["power-cut: the power was cut"]);
    expect(run.of("signed")).toEqual([]);
  });
});

describe("a board whose flash is kept", () => {
  test("has its twin in Node: a board elsewhere goes on from there", () => {
    const [flash, store] = [createMemoryFlash(GEOMETRY), createMemoryKeyValue()];
    const first = boot({ number: next++, flash, store, isFlashKept: true, isOffline: true });
    first.clock.advance(5000);
    first.board.stop();
    const signed = first.of("signed").length;
    expect(signed).toBeGreaterThan(3);
    const second = boot({ number: next++, flash, store, isFlashKept: true });
    second.clock.advance(5000);
    second.board.stop();
    expect(second.of("recovered").map(({ pending }) => pending)).toEqual([signed]);
    expect(second.frames.length).toBeGreaterThan(signed);
    expect([...signedBoots(second)]).toEqual([2]);
  });

  test("ends, by name, where Node cannot keep it", () => {
    const flash = createMemoryFlash(GEOMETRY);
    let isFull = false;
    const program = (address: number, data: Uint8Array) => {
      if (isFull) throw new Error("the disk is full");
      flash.program(address, data);
    };
    const place = { number: next++, flash: { ...flash, program }, store: createMemoryKeyValue() };
    const run = boot({ ...place, isFlashKept: true });
    run.clock.advance(3000);
    isFull = true;
    run.clock.advance(3000);
    expect(run.ends).toEqual(["flash: the disk is full"]);
    expect(sync.count(place.number, false).size).toBe(0);
  });
});

test("a flash that is not kept is the board's own, and erased: Node's is not touched", () => {
  const untouched = () => {
    throw new Error("touched");
  };
  const flash = { ...createMemoryFlash(GEOMETRY), read: untouched, program: untouched, erase: untouched };
  const run = boot({ number: next++, flash, store: createMemoryKeyValue() });
  run.clock.advance(5000);
  run.board.stop();
  expect(run.frames.length).toBeGreaterThan(3);
  expect(run.of("recovered").map(({ pending }) => pending)).toEqual([0]);
});
