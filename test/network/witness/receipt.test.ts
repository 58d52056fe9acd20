import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { InputError } from "../../../agent/input-error.js";
import { NO_CHAIN } from "../../../network/statement/domain.js";
import { checkReceipt } from "../../../network/witness/check-receipt.js";
import { readEntry, writeEntry } from "../../../network/witness/entries.js";
import { type FrameReceipt, readReceipt, writeReceipt } from "../../../network/witness/frame-receipt.js";
import { noteChecker as notes } from "../../../node/ports/note-keys.js";
import { signatureChecker as signatures } from "../../../node/ports/signer.js";
import { statementChecker as statements } from "../../../node/ports/statement-keys.js";
import { makeFrame, reading, TEST_HEADER } from "../../support/frames.js";
import { notRun } from "../../support/not-run.js";
import { type TestWitness, testWitness } from "./receipts.js";

const PROGRAM = join(__dirname, "../../support/check-receipt.py");
const N = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;
const hasPython = spawnSync("python3", ["--version"]).error === undefined;
if (!hasPython) notRun("a second opinion on receipts", "no python3");

/** A receipt as a file has it. */
type Json = ReturnType<typeof JSON.parse>;
type Case = readonly [name: string, receipt: unknown];

/** Says what it proves, or "refused". Anything but InputError is a fault of the program. */
function byFieldmark(receipt: unknown): unknown {
  try {
    const { epoch, size, device } = checkReceipt(readReceipt(receipt, "it"), {
      signatures,
      statements,
      notes,
    });
    return { epoch, size, device };
  } catch (error) {
    if (error instanceof InputError) return "refused";
    throw error;
  }
}

function byPython(receipts: readonly unknown[]): unknown[] {
  const input = receipts.map((receipt) => `${JSON.stringify(receipt)}\n`).join("");
  const { stdout, stderr } = spawnSync("python3", [PROGRAM], { input, encoding: "utf8" });
  const lines = stdout.split("\n").slice(0, -1);
  if (lines.length !== receipts.length) throw new Error(`check-receipt.py: ${stderr}`);
  return lines.map((line) => {
    const { ok, epoch, size, device } = JSON.parse(line);
    return ok ? { epoch, size, device } : "refused";
  });
}

/** Names of those that one of the checkers takes. */
function taken(cases: readonly Case[]): string[] {
  const python = hasPython ? byPython(cases.map(([, receipt]) => receipt)) : [];
  return cases.flatMap(([name, receipt], at) => [
    ...(byFieldmark(receipt) === "refused" ? [] : [`Fieldmark: ${name}`]),
    ...((python[at] ?? "refused") === "refused" ? [] : [`Python: ${name}`]),
  ]);
}

let witness: TestWitness;
let receipt: FrameReceipt;
let json: Json;
const opened: TestWitness[] = [];

async function another(options: Parameters<typeof testWitness>[0]): Promise<TestWitness> {
  const made = await testWitness(options);
  opened.push(made);
  return made;
}

beforeAll(async () => {
  witness = await another({});
  receipt = witness.receipt(1, 2);
  json = writeReceipt(receipt);
});
afterAll(() => Promise.all(opened.map((one) => one.close())));

/** The receipt, changed. */
function but(change: (copy: Json) => void): Json {
  const copy = structuredClone(json);
  change(copy);
  return copy;
}

const bytesOf = (text: string) => Buffer.from(text, "base64");
const base64 = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64");
function flipped(text: string, at: number): string {
  const bytes = bytesOf(text);
  bytes[at] = (bytes[at] as number) ^ (1 << (at % 8));
  return base64(bytes);
}

/** Every value in the receipt that holds no others: where it is, and itself. */
function* leaves(value: Json, path: readonly string[] = []): Generator<[string[], string | number]> {
  if (typeof value !== "object") yield [[...path], value];
  else for (const [name, part] of Object.entries(value)) yield* leaves(part, [...path, name]);
}

/** The receipt with another value at a path; undefined removes it. */
const withAt = (path: readonly string[], value: unknown): Json =>
  but((copy) => {
    const holder = path.slice(0, -1).reduce((part, name) => part[name], copy);
    const name = path.at(-1) as string;
    if (value !== undefined) holder[name] = value;
    else if (Array.isArray(holder)) holder.splice(Number(name), 1);
    else delete holder[name];
  });

const TEXTS = new Set(["type", "network", "device", "witness", "checkpoint"]);
const isText = (path: readonly string[]) => TEXTS.has(path.at(-1) as string);

/** Twin of a signature r ‖ s (‖ v) that the same key would verify. */
function twin(signature: Uint8Array): Uint8Array {
  const s = BigInt(`0x${Buffer.from(signature.subarray(32, 64)).toString("hex")}`);
  const other = Buffer.from((N - s).toString(16).padStart(64, "0"), "hex");
  const v = signature.length === 65 ? [55 - (signature[64] as number)] : [];
  return Uint8Array.of(...signature.subarray(0, 32), ...other, ...v);
}

describe("a frame receipt", () => {
  test("proves the same to both, for each frame, in trees and logs of any size", async () => {
    const domain = { chain: 31_337, contract: new Uint8Array(20).fill(0xab) };
    const others = await Promise.all([
      another({ domain, key: 9, name: "other.example" }),
      another({ devices: 1, frames: 1 }),
      another({ devices: 7, frames: 2, network: "other-net" }),
    ]);
    const receipts = [
      ...[0, 1, 2].flatMap((device) => [0, 1, 2, 3, 4].map((n) => witness.receipt(device, n))),
      ...others.map((one) => one.receipt(0, 0)),
    ];
    const expected = receipts.map(({ device, inventory, log }) => ({
      ...{ device, epoch: inventory.epoch, size: log.size },
    }));
    expect(expected[0]).toMatchObject({ size: 4 });
    const written = receipts.map(writeReceipt);
    expect(written.map(byFieldmark)).toEqual(expected);
    if (hasPython) expect(byPython(written)).toEqual(expected);
  });

  test("is refused by both with any member changed, missing or added", () => {
    const cases: Case[] = [];
    for (const [path, value] of leaves(json)) {
      const say = (what: string, other: unknown) =>
        cases.push([`${path.join(".")} ${what}`, withAt(path, other)]);
      say("missing", undefined);
      say("null", null);
      if (typeof value === "number") {
        for (const other of [value + 1, value - 1, -value, value + 0.5, 2 ** 53, String(value)])
          if (other !== value) say(`as ${JSON.stringify(other)}`, other);
      } else if (isText(path)) {
        for (const at of [0, value.length >> 1, value.length - 1]) {
          const code = value.charCodeAt(at) ^ 1;
          say(`changed at ${at}`, value.slice(0, at) + String.fromCharCode(code) + value.slice(at + 1));
        }
        for (const other of ["", `${value}a`, ` ${value}`, `${value}\n`]) say(JSON.stringify(other), other);
      } else {
        const bytes = bytesOf(value);
        for (const at of [0, bytes.length >> 1, bytes.length - 1])
          say(`a bit of byte ${at}`, flipped(value, at));
        say("a byte shorter", base64(bytes.subarray(0, -1)));
        say("a byte longer", base64(Buffer.concat([bytes, Buffer.alloc(1)])));
        say("empty", "");
        say("not base64", `*${value.slice(1)}`);
        if (value.endsWith("=")) say("without padding", value.replace(/=+$/, ""));
      }
    }
    for (const path of [[], ["domain"], ["inventory"], ["inventory", "path", "0"], ["log"]])
      cases.push([`${path.join(".")} with another member`, withAt([...path, "more"], 1)]);
    expect(taken(cases)).toEqual([]);
  });

  test("is refused with any byte of it changed", () => {
    for (const [path, value] of leaves(json)) {
      if (typeof value === "number" || isText(path)) continue;
      for (let at = 0; at < bytesOf(value).length; at++)
        expect([path, at, byFieldmark(withAt(path, flipped(value, at)))]).toEqual([path, at, "refused"]);
    }
    const { checkpoint } = json.log;
    for (let at = 0; at < checkpoint.length; at++) {
      const other = checkpoint.slice(0, at) + (checkpoint[at] === "x" ? "y" : "x") + checkpoint.slice(at + 1);
      expect([at, byFieldmark(withAt(["log", "checkpoint"], other))]).toEqual([at, "refused"]);
    }
  });

  test("is refused by both where parts of it are true elsewhere", async () => {
    const same = { network: "demo", name: "witness.example/demo" };
    const chain = { chain: 1, contract: new Uint8Array(20) };
    const [stranger, abroad, onChain] = await Promise.all([
      another({ key: 8 }),
      another({ ...same, network: "demo2" }),
      another({ ...same, domain: chain }),
    ]);
    const from = (one: TestWitness, device = 1, n = 2): Json => writeReceipt(one.receipt(device, n));
    const neighbour = from(witness, 1, 3);
    const device = from(witness, 0, 2);
    const swapped = (name: string) =>
      but((copy) => {
        copy.inventory[name].reverse();
      });
    const signed = bytesOf(json.frame);
    const equivocation = makeFrame(
      [reading("temperature", "Cel", 1)],
      { boot: 1, sequence: 2, time: (TEST_HEADER.time as number) + 2 },
      { signer: witness.signers[1] as TestWitness["signers"][0] },
    );
    const first = readEntry(receipt.log.first);
    if (first?.kind !== "witness") throw new Error("that is not a log's first entry");
    const cases: Case[] = [
      [
        "the frame with a high s",
        withAt(["frame"], base64(Buffer.concat([signed.subarray(0, -64), twin(signed.subarray(-64))]))),
      ],
      [
        "the inventory's signature with a high s",
        withAt(["inventory", "signature"], base64(twin(receipt.inventory.signature))),
      ],
      [
        "the log's with a high s",
        withAt(["log", "first"], base64(writeEntry({ ...first, signature: twin(first.signature) }))),
      ],
      ["another frame of the same place", withAt(["frame"], base64(equivocation))],
      ["the next frame", withAt(["frame"], neighbour.frame)],
      [
        "another device's frame",
        but((copy) => Object.assign(copy, { frame: device.frame, device: device.device })),
      ],
      ["another device", withAt(["device"], device.device)],
      ["the next frame's path", withAt(["inventory", "path"], neighbour.inventory.path)],
      ["the path from its end", swapped("path")],
      ["the path without a step", but((copy) => copy.inventory.path.pop())],
      ["a step twice", but((copy) => copy.inventory.path.push(copy.inventory.path[0]))],
      ["the next inventory's place in the log", withAt(["log", "index"], 3)],
      ["the first entry's place", withAt(["log", "index"], 0)],
      [
        "the proofs exchanged",
        but((copy) => {
          [copy.log.proof, copy.log.firstProof] = [copy.log.firstProof, copy.log.proof];
        }),
      ],
      ["a proof with a hash more", but((copy) => copy.log.proof.push(copy.log.proof[0]))],
      ["another witness", withAt(["witness"], from(stranger).witness)],
      ["another witness's inventory", withAt(["inventory"], from(stranger).inventory)],
      ["another witness's log", withAt(["log"], from(stranger).log)],
      ["all of another witness but its name", { ...from(stranger), witness: json.witness }],
      ["another network", withAt(["network"], "demo2")],
      ["another network's frame", withAt(["frame"], from(abroad).frame)],
      ["another network's inventory", withAt(["inventory"], from(abroad).inventory)],
      ["another network's log", withAt(["log"], from(abroad).log)],
      ["another network but for its name", { ...from(abroad), network: "demo" }],
      ["another chain", withAt(["domain"], from(onChain).domain)],
      ["statements of another chain", { ...from(onChain), domain: json.domain }],
      ["a contract of 21 bytes", withAt(["domain", "contract"], base64(new Uint8Array(21)))],
      ["a contract of 33 bytes", withAt(["domain", "contract"], base64(new Uint8Array(33)))],
      ["no contract", withAt(["domain", "contract"], "")],
      [
        "base64 in another form",
        withAt(["domain", "contract"], `${base64(NO_CHAIN.contract).slice(0, -2)}B=`),
      ],
      [
        "a log's key of 31 bytes",
        withAt(["log", "first"], base64(writeEntry({ ...first, logKey: first.logKey.subarray(1) }))),
      ],
      ["no object", null],
      ["a list", []],
    ];
    expect(taken(cases)).toEqual([]);
  });

  test("is taken with cosignatures of keys that nobody knows", () => {
    const cosigned = but((copy) => {
      copy.log.checkpoint += `\u2014 peer.example ${base64(Buffer.alloc(76, 1))}\n`;
    });
    expect(byFieldmark(cosigned)).not.toBe("refused");
    if (hasPython) expect(byPython([cosigned])).not.toEqual(["refused"]);
  });
});
