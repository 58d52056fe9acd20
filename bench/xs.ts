import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildXsHost } from "../host-sim/engines/xs/build.js";
import { DEFAULT_CREATION, residentBytes } from "../host-sim/engines/xs/engine.js";
import { summarize } from "../host-sim/engines/xs/memory.js";
import { type BoardCounts, XsProcess } from "../host-sim/engines/xs/process.js";
import { createSigner, hasher, newPrivateKey } from "../node/ports/signer.js";
import { type FleetInit, processorTime, XsFleet } from "../test/support/xs-fleet.js";
import { type Figure, median, rateOf, type Section } from "./harness.js";
import { buildNative } from "./native.js";

/** So few that what they have in memory stays near the processor, and so many that messages go in batches. */
const BUSY_BOARDS = 16;
const MANY_BOARDS = 500;
const WARM_UP = 10;
/** Seconds of a round, in which each board signs a frame a second, and rounds. */
const ROUND = 100;
const ROUNDS = 7;
/** RAM that an ESP32-C3 gives to the XS machine in all is 94,208 bytes; the agent is to leave most of it. */
const RAM_GOAL = 24 * 1024;
const RESIDENT_GOAL = 48 * 1024;
const FRAME_GOAL = 0.2;
const RATIO_GOAL = 3;

/** The agent on the real XS engine: what a frame costs, and what a board takes. */
export function xsSection(root: URL): Section {
  return { name: "xs", run: () => run(root) };
}

async function run(root: URL): Promise<Figure[]> {
  const folder = fileURLToPath(root);
  const program = await buildXsHost({ root: folder, progress: (line) => process.stderr.write(`${line}\n`) });
  const bundle = join(folder, "dist/xs-board.js");
  const init = { program, bundle, creation: DEFAULT_CREATION, sensors: 4 };
  const roomy = { ...DEFAULT_CREATION, slots: 50_000, chunkBytes: 1 << 20 };
  return [
    ...(await withFleets(
      [
        { ...init, boards: BUSY_BOARDS, sensors: 1 },
        { ...init, boards: BUSY_BOARDS },
      ],
      ([single, four]) => frameFigures(root, single as XsFleet, four as XsFleet),
    )),
    await nobleFigure(program, join(folder, "dist/xs-noble.js")),
    ...(await withFleets([{ ...init, boards: MANY_BOARDS }], ([many]) => boardFigures(many as XsFleet))),
    ...(await withFleets([{ ...init, creation: roomy, boards: 1 }], ([one]) =>
      garbageFigures(one as XsFleet),
    )),
  ];
}

async function withFleets(
  inits: readonly FleetInit[],
  measure: (fleets: readonly XsFleet[]) => Promise<Figure[]>,
): Promise<Figure[]> {
  const fleets = inits.map((init) => new XsFleet(init));
  try {
    return await measure(fleets);
  } finally {
    for (const { host } of fleets) await host.close();
  }
}

/** Fleets and the bare signature take turns, so that whatever else the machine does hits them alike. */
async function frameFigures(root: URL, single: XsFleet, four: XsFleet): Promise<Figure[]> {
  const native = buildNative(root);
  const bareName = "missing" in native ? "npm ecdsaSign" : "libsecp256k1, sign";
  const bareTime = "missing" in native ? npmSignTime : () => 1000 / native.measure("sign", 200);
  const [bare, ofOne, ofFour, acknowledging]: [number[], number[], number[], number[]] = [[], [], [], []];
  await single.run(WARM_UP);
  await four.run(WARM_UP);
  for (let round = 0; round < ROUNDS; round++) {
    bare.push(bareTime());
    const cost = await single.run(ROUND);
    ofOne.push(cost.frame);
    acknowledging.push(cost.acknowledgements);
    ofFour.push((await four.run(ROUND)).frame);
  }
  const reference = { name: bareName, value: median(bare), unit: "ms" };
  const figure = (name: string, values: readonly number[]): Figure => {
    const value = median(values);
    const ratio = value / reference.value;
    const goal = {
      text: `at most ${FRAME_GOAL} ms and × ${RATIO_GOAL}`,
      met: value <= FRAME_GOAL && ratio <= RATIO_GOAL,
    };
    return { name, value, unit: "ms", reference, ratio, goal };
  };
  return [
    figure("a reading in, its frame out to 2 brokers, CPU of xs-host", ofOne),
    figure("4 readings of 4 sensors in, likewise", ofFour),
    { name: "and 2 acknowledgements of a frame", value: median(acknowledging), unit: "ms" },
  ];
}

async function nobleFigure(program: string, bundle: string): Promise<Figure> {
  const host = new XsProcess(program, bundle, () => {});
  try {
    await host.ready;
    const creation = { ...DEFAULT_CREATION, slots: 400_000, chunkBytes: 64 << 20, stackSlots: 8192 };
    let failure = "";
    const listener = {
      sent() {},
      ended: (reason: string, detail: string) => (failure = `${reason}: ${detail}`),
    };
    host.create(0, { ...creation, computrons: 4e9 }, newPrivateKey(), new Uint8Array(0), listener);
    const sign = async (times: number): Promise<number> => {
      const before = processorTime(host.pid);
      host.deliver(0, 0, 0, times);
      await host.barrier();
      if (failure !== "") throw new Error(`@noble/secp256k1 on XS: ${failure}`);
      return (processorTime(host.pid) - before) / times;
    };
    await sign(3);
    return {
      name: "for comparison: one signature of @noble/secp256k1 on XS",
      value: await sign(30),
      unit: "ms",
    };
  } finally {
    await host.close();
  }
}

async function boardFigures(fleet: XsFleet): Promise<Figure[]> {
  const started = await fleet.startedIn;
  await fleet.run(WARM_UP);
  const resident = residentBytes(fleet.host.pid) - (await fleet.emptyBytes);
  const memory = summarize(await fleet.counts(true), await fleet.host.ready, resident);
  return [
    { name: `board started, real agent, one core (${MANY_BOARDS} boards)`, value: started, unit: "ms" },
    {
      name: "RAM of the agent as on a 32-bit board: 4 sensors, 2 brokers, window of 16",
      value: memory.boardBytes.max,
      unit: "B",
      goal: { text: `at most ${RAM_GOAL} B`, met: memory.boardBytes.max <= RAM_GOAL },
    },
    {
      name: `resident for each further board in xs-host (${MANY_BOARDS} boards)`,
      value: memory.residentBytesPerBoard,
      unit: "B",
      goal: { text: `at most ${RESIDENT_GOAL} B`, met: memory.residentBytesPerBoard <= RESIDENT_GOAL },
    },
  ];
}

/** On a board that is so large that it collects nothing meanwhile: all that was taken is still there. */
async function garbageFigures(fleet: XsFleet): Promise<Figure[]> {
  await fleet.run(WARM_UP);
  const frames = 100;
  const live = (await fleet.counts(true))[0] as BoardCounts;
  await fleet.run(frames);
  const after = (await fleet.counts(false))[0] as BoardCounts;
  const slots = (after.slotsUsed - live.slotsUsed) / frames;
  return [
    { name: "garbage a frame of 4 readings: slots", value: slots, unit: "" },
    { name: "likewise: chunk bytes", value: (after.chunksUsed - live.chunksUsed) / frames, unit: "B" },
    {
      name: `collections an hour at a frame a minute, with ${DEFAULT_CREATION.slots} slots`,
      value: (60 * slots) / (DEFAULT_CREATION.slots - live.slotsUsed),
      unit: "",
    },
  ];
}

function npmSignTime(): number {
  const signer = createSigner(newPrivateKey());
  const digest = new Uint8Array(32);
  const signature = new Uint8Array(64);
  hasher.sha256(signature, digest, 0);
  return 1000 / rateOf(() => signer.sign(digest, signature, 0), 200);
}
