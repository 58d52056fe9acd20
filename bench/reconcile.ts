import { hex, unhex } from "../agent/cose/kid.js";
import { digestOf } from "../network/bytes.js";
import { KeptTree } from "../network/inventory/kept-tree.js";
import { differences } from "../network/inventory/reconcile.js";
import { hashOfShape } from "../network/inventory/subtree.js";
import {
  readQuestion,
  readShapes,
  SHOWN_DEPTH,
  writeQuestion,
  writeShapes,
} from "../network/inventory/subtree-wire.js";
import { KEY_BYTES, keyOf, leafHash, rootOf } from "../network/inventory/tree.js";
import type { InventoryFrame } from "../network/ports/inventory-sets.js";
import { hasher } from "../node/ports/signer.js";
import type { Figure, Section } from "./harness.js";

const DEVICES = 10_000;
const FRAMES = 100;
/** Devices of which one frame is missing. */
const DIFFERENT = 10;
/** Of the tree above devices alone. */
const MANY = 1_000_000;
/** Bytes both ways: tens of kilobytes. */
const GOAL = 100_000;
const ALL = { key: new Uint8Array(KEY_BYTES), bits: 0 };

/** What it takes two witnesses to find ten frames in a million that one of them has not. */
export function reconcileSection(): Section {
  return { name: "reconcile", run: async () => [...(await tenInAMillion()), ...above()] };
}

async function tenInAMillion(): Promise<Figure[]> {
  const devices = kidsOf(DEVICES).map((kid) => ({ kid, root: rootOfDevice(kid, FRAMES) }));
  const theirs = new KeptTree(devices, (kid) => framesOf(unhex(kid), FRAMES), hasher);
  const every = DEVICES / DIFFERENT;
  const short = new Set(devices.filter((_, at) => at % every === 0).map(({ kid }) => hex(kid)));
  const count = (kid: string) => FRAMES - (short.has(kid) ? 1 : 0);
  const fewer = devices.map(({ kid, root }) =>
    short.has(hex(kid)) ? { kid, root: rootOfDevice(kid, FRAMES - 1) } : { kid, root },
  );
  const own = new KeptTree(fewer, (kid) => framesOf(unhex(kid), count(kid)), hasher);
  const top = theirs.expand(ALL, 0);
  if (top === undefined) throw new Error("there is no tree");
  let [bytes, trips, found] = [0, 0, 0];
  const ask: Parameters<typeof differences>[2] = async (prefixes) => {
    const question = writeQuestion(prefixes);
    const shown = (readQuestion(question) ?? []).map((prefix) => theirs.expand(prefix, SHOWN_DEPTH));
    const answer = writeShapes(shown);
    bytes += question.length + answer.length;
    trips++;
    return readShapes(answer) ?? [];
  };
  const body = { root: hashOfShape(top, hasher), frames: DEVICES * FRAMES };
  const start = performance.now();
  for await (const { theirs } of differences(own, body, ask, hasher)) if (theirs !== undefined) found++;
  const taken = performance.now() - start;
  if (found !== DIFFERENT) throw new Error(`${found} differences were found`);
  const whole = { name: "all digests", value: DEVICES * FRAMES * 32, unit: "B" };
  const goal = { text: `at most ${GOAL} B`, met: bytes <= GOAL };
  const name = `${DIFFERENT} frames in ${DEVICES * FRAMES} differ`;
  return [
    {
      name: `${name}: bytes both ways`,
      value: bytes,
      unit: "B",
      reference: whole,
      ratio: bytes / whole.value,
      goal,
    },
    { name: `${name}: round trips`, value: trips, unit: "" },
    { name: `${name}: time of both, without a network`, value: taken, unit: "ms" },
  ];
}

function above(): Figure[] {
  const devices = kidsOf(MANY).map((kid) => ({ kid, root: digestOf(kid, hasher) }));
  const before = process.memoryUsage().arrayBuffers;
  const start = performance.now();
  const tree = new KeptTree(devices, () => [], hasher);
  const taken = performance.now() - start;
  const held = process.memoryUsage().arrayBuffers - before;
  const name = `the tree above ${tree.size} devices`;
  return [
    { name: `${name}: made in`, value: taken, unit: "ms" },
    { name: `${name}: a device takes`, value: held / MANY, unit: "B", note: "before garbage is collected" },
  ];
}

/** In order, and spread as those of keys are. */
function kidsOf(count: number): Uint8Array[] {
  const kids = Array.from({ length: count }, (_, at) => {
    const seed = new Uint8Array(8);
    new DataView(seed.buffer).setUint32(0, at);
    return digestOf(seed, hasher).slice(0, 8);
  });
  return kids.sort((a, b) => Buffer.compare(a, b));
}

function framesOf(kid: Uint8Array, count: number): InventoryFrame[] {
  return Array.from({ length: count }, (_, sequence) => {
    const digest = digestOf(keyOf(kid, 1, sequence), hasher);
    return { boot: 1, sequence, digest };
  });
}

function rootOfDevice(kid: Uint8Array, count: number): Uint8Array {
  const leaves = framesOf(kid, count).map(({ boot, sequence, digest }) => {
    const key = keyOf(kid, boot, sequence);
    return { key, hash: leafHash(key, digest, hasher) };
  });
  return rootOf(leaves, hasher);
}
