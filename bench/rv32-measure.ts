import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { buildRv32, compilerVersion } from "../host-sim/engines/rv32/build.js";
import { ChipHost } from "../host-sim/engines/rv32/chip-host.js";
import { workOf } from "../host-sim/engines/rv32/counters.js";
import { DEFAULT_SIZE } from "../host-sim/engines/rv32/engine.js";
import type { Creation } from "../host-sim/engines/xs/wire.js";
import { DEVICE_SIZE } from "../host-sim/virtual-board/rv32/boots.js";
import { forXs } from "../scripts/xs-bundle.js";
import { runAgent } from "./rv32-agent.js";
import { countImprovPacket } from "./rv32-device.js";
import { PartKind, SHAPE } from "./rv32-kinds.js";
import { imageSizes } from "./rv32-sizes.js";

/** So much that nothing is collected meanwhile: a collection is counted by itself. */
const ROOMY: Creation = {
  slots: 1600,
  chunkBytes: 10_000,
  stackSlots: 480,
  keys: 32,
  payloadBytes: 512,
  computrons: 4e9,
};
/** About as small as a day lets it be (docs/rv32.md), for what a board takes. */
const SNUG: Creation = { ...ROOMY, slots: 592, chunkBytes: 4400, stackSlots: 400, payloadBytes: 64 };
const FRAMES = 20;
const SLOT = 16;
const BOARD = 0;
/** More than the flash holds. */
const FULL = 400;

/** A count, by the name of what it is of: instructions or bytes. The same on every machine, but for another compiler or C library. */
export type Counted = Readonly<Record<string, number>>;
export interface Rv32Counts {
  /** What made the image: another compiler's code takes other counts. */
  readonly compiler: string;
  readonly instructions: Counted;
  readonly ram: Counted;
  readonly flash: Counted;
}

/** Counts all that bench and baseline have. `root`: the package's folder. */
export async function measureRv32(root: string, progress: (line: string) => void): Promise<Rv32Counts> {
  const folder = mkdtempSync(join(tmpdir(), "fieldmark-rv32-"));
  try {
    const image = async (file: string, size = DEFAULT_SIZE) => {
      const bundle = join(folder, `${file.replaceAll("/", "-")}.js`);
      await build({ ...forXs, entryPoints: [join(root, file)], outfile: bundle });
      return buildRv32({ root, bundle, size, progress });
    };
    const agent = await image("host-sim/engines/xs/board.ts");
    const parts = await countParts(await image("bench/rv32-parts.ts"), join(folder, "parts"));
    const roomy = await runAgent(agent, join(folder, "roomy"), ROOMY, FRAMES);
    const snug = await runAgent(agent, join(folder, "snug"), SNUG, FRAMES);
    const device = await image("host-sim/virtual-board/rv32/board/main.ts", DEVICE_SIZE);
    const packet = await countImprovPacket(device, join(folder, "device"));
    const { script, sign, hash, flash } = roomy.frame;
    const sizes = imageSizes(agent);
    const { counts, counters } = snug;
    const tables = 4 * (counts.aliases + counts.keys + counts.nameModulo + counts.symbolModulo);
    const machine = SLOT * (SNUG.slots + SNUG.stackSlots) + SNUG.chunkBytes + tables + counters.machine;
    return {
      compiler: compilerVersion(),
      instructions: {
        "boot to first signed frame": roomy.boot,
        "sample to frame": script + sign + hash + flash,
        "sample to frame: script (encoding, chain, journal, sending)": script,
        "sample to frame: sign": sign,
        "sample to frame: hash": hash,
        "sample to frame: flash": flash,
        ...parts,
        "one collection": roomy.collection,
        "an improv packet: who are you, and the answer": packet,
      },
      ram: {
        "slots in use, at most": SLOT * counts.slotsLivePeak,
        "chunks in use, at most": counts.chunksLivePeak,
        "XS stack, at most": SLOT * counts.stackPeak,
        tables: tables,
        "the machine itself": counters.machine,
        "other allocations, at most": counters.heapPeak - machine,
        "C stack, at most": counters.stackPeak,
        "variables and buffers": sizes.variables,
      },
      flash: sizes.flash,
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function countParts(image: string, folder: string): Promise<Counted> {
  let failure = "";
  const host = new ChipHost({
    image,
    folder,
    isCounted: true,
    failed: ({ message }) => (failure ||= message),
  });
  try {
    host.flash(BOARD, SHAPE, false, new Uint8Array(0));
    const ended = (reason: string, detail: string) => {
      failure ||= `${reason}: ${detail}`;
    };
    host.create(
      BOARD,
      ROOMY,
      new Uint8Array(32).fill(1),
      new Uint8Array(0),
      { sent() {}, ended },
      new Uint8Array(32),
    );
    const measure = async (kind: number, id = 0) => {
      await host.count(BOARD, true); // what was left behind is collected outside of what is counted
      await host.counters(BOARD);
      host.deliver(BOARD, 0, kind, id);
      const counters = await host.counters(BOARD);
      if (counters === undefined || failure !== "") throw new Error(`the board ended: ${failure}`);
      return workOf(counters);
    };
    await measure(PartKind.encode);
    const nothing = await measure(PartKind.nothing);
    const net = async (kind: number, id = 0) => (await measure(kind, id)) - nothing;
    const encode = await net(PartKind.encode);
    const hash = await net(PartKind.hash);
    const sign = await net(PartKind.sign);
    const verify = await net(PartKind.verify);
    const receipt = await net(PartKind.receipt);
    await measure(PartKind.open);
    await measure(PartKind.append, 2); // the first begins a sector
    const append = await net(PartKind.append, 1);
    for (let i = 0; i < FULL; i += 10) await measure(PartKind.append, 10);
    const recovery = await net(PartKind.open);
    return {
      "a message that does nothing": nothing,
      "encode a frame of 4 readings": encode,
      "hash 240 bytes": hash,
      "sign a digest": sign,
      "check a witness receipt": receipt,
      "check a witness receipt: signature": verify,
      "append a frame of 240 bytes to the journal": append,
      "recover a full journal of 64 KB": recovery,
    };
  } finally {
    await host.close();
  }
}
