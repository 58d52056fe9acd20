import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { longestFrame } from "../agent/config.js";
import { createMemoryKeyValue } from "../host-sim/ports/key-value.js";
import { MemoryBroker } from "../host-sim/ports/memory-link.js";
import { createSigner, hasher, newPrivateKey } from "../host-sim/ports/signer.js";
import { buildXsHost } from "../host-sim/xs/build.js";
import { DEFAULT_CREATION, residentBytes } from "../host-sim/xs/engine.js";
import { summarize } from "../host-sim/xs/memory.js";
import { XsProcess } from "../host-sim/xs/process.js";
import { ALL_BOARDS } from "../host-sim/xs/wire.js";
import { XsBoard } from "../host-sim/xs/xs-board.js";
import { VirtualClock } from "../test/support/virtual-clock.js";
import type { Figure, Section } from "./harness.js";
import { rateOf } from "./harness.js";
import { buildNative } from "./native.js";

const BOARDS = 300;
/** Simulated seconds; each board makes a frame a second. */
const SECONDS = 40;
const WARM_UP = 5;
const OUTBOX = 16;
/** RAM that an ESP32-C3 gives to the XS machine in all is 94,208 bytes; the agent is to leave most of it. */
const RAM_GOAL = 24 * 1024;
const RESIDENT_GOAL = 48 * 1024;

/** The agent on the real XS engine: what a frame costs, and what a board takes. */
export function xsSection(root: URL): Section {
  return { name: "xs", run: () => run(root) };
}

async function run(root: URL): Promise<Figure[]> {
  const folder = fileURLToPath(root);
  const program = await buildXsHost({ root: folder, progress: (line) => process.stderr.write(`${line}\n`) });
  let failure: Error | undefined;
  const host = new XsProcess(program, `${folder}dist/xs-board.js`, (error) => {
    failure = error;
  });
  try {
    const flash = await host.ready;
    const before = residentBytes(host.pid);
    const clock = new VirtualClock();
    const brokers = ["a", "b"].map((name) => new MemoryBroker(name, clock));
    for (const broker of brokers) broker.subscribe(() => {});
    let signed = 0;
    const startedAt = performance.now();
    const boards = Array.from({ length: BOARDS }, (_, number) =>
      createBoard(host, number, clock, brokers, () => signed++),
    );
    await host.barrier();
    const started = (performance.now() - startedAt) / BOARDS;
    for (const board of boards) board.start();
    await host.barrier();
    let cpu = 0;
    for (let second = 0; second < WARM_UP + SECONDS; second++) {
      if (second === WARM_UP) {
        signed = 0;
        cpu = cpuSeconds(host.pid);
      }
      clock.advance(1000);
      await host.barrier();
    }
    const spent = cpuSeconds(host.pid) - cpu;
    if (failure !== undefined) throw failure;
    const counts = await host.count(ALL_BOARDS, true);
    const memory = summarize([...counts.values()], flash, residentBytes(host.pid) - before);
    if (signed !== BOARDS * SECONDS || counts.size !== BOARDS)
      throw new Error(`${signed} frames of ${counts.size} boards: the figures would mean nothing`);
    return figures(
      root,
      (spent * 1000) / signed,
      started,
      memory.boardBytes.max,
      memory.residentBytesPerBoard,
    );
  } finally {
    await host.close();
  }
}

function figures(root: URL, frame: number, started: number, ram: number, resident: number): Figure[] {
  const native = buildNative(root);
  const npm = 1000 / npmSignRate();
  const bare = "missing" in native ? npm : 1000 / native.measure("sign", 300);
  const name = "missing" in native ? "npm ecdsaSign" : "libsecp256k1, sign";
  return [
    {
      name: `frame of 4 readings, in to out, CPU of xs-host (${BOARDS} boards)`,
      value: frame,
      unit: "ms",
      reference: { name, value: bare, unit: "ms" },
      ratio: frame / bare,
      goal: { text: "at most 0.2 ms and × 3", met: frame <= 0.2 && frame / bare <= 3 },
    },
    { name: "board started, real agent, one core", value: started, unit: "ms" },
    {
      name: "RAM of the agent as on a 32-bit board, outbox of 16",
      value: ram,
      unit: "B",
      goal: { text: `at most ${RAM_GOAL} B`, met: ram <= RAM_GOAL },
    },
    {
      name: "resident a board in xs-host",
      value: resident,
      unit: "B",
      goal: { text: `at most ${RESIDENT_GOAL} B`, met: resident <= RESIDENT_GOAL },
    },
  ];
}

function createBoard(
  host: XsProcess,
  number: number,
  clock: VirtualClock,
  brokers: readonly MemoryBroker[],
  signed: () => void,
): XsBoard {
  let value = number;
  const channel = (name: string) => ({ property: "v", name, unit: "Cel", digits: 2 });
  const sensors = [
    {
      sensor: { configure() {}, sample: () => ({ v: 20 + (value++ % 100) / 100 }), close() {} },
      interval: 1000,
      channels: ["indoor", "outdoor", "floor", "roof"].map(channel),
    },
  ];
  return new XsBoard(
    host,
    number,
    DEFAULT_CREATION,
    {
      privateKey: newPrivateKey(),
      store: createMemoryKeyValue(),
      clock,
      links: brokers.map((broker) => broker.link()),
      sensors,
      observe: ({ type }) => {
        if (type === "signed") signed();
      },
      ended(reason) {
        throw new Error(`a board ended: ${reason}`);
      },
    },
    {
      network: "demo",
      readings: 4,
      age: 10_000,
      frameBytes: longestFrame("demo", 4, sensors),
      outboxFrames: OUTBOX,
      uplink: { copies: 2, window: OUTBOX, timeout: 5000, backoff: { min: 250, max: 5000 } },
    },
  );
}

function npmSignRate(): number {
  const signer = createSigner(newPrivateKey());
  const digest = new Uint8Array(32);
  const signature = new Uint8Array(64);
  hasher.sha256(signature, digest, 0);
  return rateOf(() => signer.sign(digest, signature, 0), 300);
}

/** Processor time of a process (proc(5), /proc/pid/stat, fields 14 and 15, in ticks of 10 ms). */
function cpuSeconds(pid: number | undefined): number {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) / 100;
}
