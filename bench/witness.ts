import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Judge } from "../network/verify/judge.js";
import { createRegistry, type Registry } from "../network/verify/registry.js";
import { checkerName, keyReader, signatureChecker as signatures } from "../node/ports/signer.js";
import { BenchBoard } from "./board.js";
import { against, compare, type Figure, type Section } from "./harness.js";
import { buildNative } from "./native.js";
import { BenchWitness, type Message, messageOf } from "./taken-in.js";

const NETWORK = "demo";
/** As many devices, and frames of each: they come in turns. */
const DEVICES = 200;
const FRAMES = 50;
const ROUNDS = 7;
/** Milliseconds of the reference in each round. */
const SLICE_MS = 300;
/** Of the rate of the library in C with a parsed key. */
const GOAL = 0.9;

/** From a broker's bytes to frames that are judged and durable in a witness's store, in one process. */
export function witnessSection(root: URL): Section {
  return { name: "witness", run: () => run(root) };
}

async function run(root: URL): Promise<Figure[]> {
  const { registry, messages } = signedBefore();
  const native = buildNative(root);
  const rates = await compare(
    {
      witness: () => witnessRate(registry, messages),
      judge: () => judgeRate(registry, messages),
      native: () => ("missing" in native ? 0 : native.measure("verify-parsed", SLICE_MS)),
    },
    { rounds: ROUNDS },
  );
  const perSecond = (name: string, value: number) => ({ name, value, unit: "frames/s" });
  const witness = perSecond("witness: bytes in, judged and durable", rates.witness);
  const judge = perSecond("judged alone, nothing kept", rates.judge);
  const notes = { name: "signatures are checked", unit: "", note: checkerName() };
  if ("missing" in native)
    return [against(witness, judge), { name: "libsecp256k1 (C)", unit: "/s", note: native.missing }];
  const parsed = { name: "libsecp256k1, parsed key", value: rates.native, unit: "/s" };
  return [against(witness, parsed, GOAL), against(witness, judge), against(judge, parsed), notes];
}

/** Frames of many devices, in turns, signed before anything is measured. */
export function signedBefore(): { readonly registry: Registry; readonly messages: Message[] } {
  const boards = Array.from({ length: DEVICES }, () => new BenchBoard(NETWORK));
  const devices = boards.flatMap((board) => board.registry.devices);
  const registry = createRegistry({ network: NETWORK, devices }, keyReader, "registry");
  const turns = Array.from({ length: FRAMES }, () =>
    boards.map((board) => messageOf(NETWORK, board.device, board.next().slice())),
  );
  return { registry, messages: turns.flat() };
}

/** Frames for a second of this process, whichever of its threads took it: LMDB has one of its own. */
async function witnessRate(registry: Registry, messages: readonly Message[]): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "fieldmark-bench-"));
  try {
    const witness = new BenchWitness(folder, registry);
    const start = process.cpuUsage();
    await witness.takeIn(messages);
    const rate = perCpuSecond(messages.length, start);
    if (witness.judged !== messages.length) throw new Error("not all frames were judged");
    await witness.close();
    return rate;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function judgeRate(registry: Registry, messages: readonly Message[]): number {
  const judge = new Judge({ registry, signatures, now: Date.now, keep() {}, judged() {} });
  const start = process.cpuUsage();
  for (const { bytes } of messages) judge.receive(bytes);
  return perCpuSecond(messages.length, start);
}

function perCpuSecond(count: number, start: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(start);
  return (1e6 * count) / (user + system);
}
