import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "@jest/globals";
import { ask, buildDriver, COMPILE_TIMEOUT } from "./driver.js";
import { sha256 } from "./hash.js";

let program: string;
let home: string;
beforeAll(() => {
  program = buildDriver("sanitize");
}, COMPILE_TIMEOUT);
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "fieldmark-key-"));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

const file = () => join(home, "fieldmark.key");
const open = async () => (await ask(program, ["open", "boot", "keeper"], home))[2];
/** The record as keeper.h describes it. */
function record(key: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from("FMK1"), key]);
  return Buffer.concat([body, sha256(body).subarray(0, 4)]);
}
const KEY_ONE = Uint8Array.from({ length: 32 }, (_, i) => (i === 31 ? 1 : 0));
const PUBLIC_ONE = "0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798";

describe("the key's store", () => {
  test("a first boot makes a key, the next ones find it", async () => {
    const made = await open();
    expect(made).toMatch(/^made 0[23][0-9a-f]{64}$/);
    expect(await open()).toBe(made?.replace("made", "found"));
    expect(await open()).toBe(made?.replace("made", "found"));
  });

  test("it is a record of 40 bytes that only its owner may read, and nothing else is left", async () => {
    await open();
    expect(readdirSync(home)).toEqual(["fieldmark.key"]);
    expect(statSync(file()).mode & 0o777).toBe(0o600);
    const bytes = readFileSync(file());
    expect(bytes.equals(record(bytes.subarray(4, 36)))).toBe(true);
  });

  test("a record that was written elsewhere is taken", async () => {
    writeFileSync(file(), record(KEY_ONE), { mode: 0o600 });
    expect(await open()).toBe(`found ${PUBLIC_ONE}`);
  });

  test("two homes have two keys", async () => {
    const first = await open();
    rmSync(file());
    expect(await open()).not.toBe(first);
  });

  test("what a killed boot left half written is no key, and is replaced", async () => {
    writeFileSync(join(home, "fieldmark.key.new"), "half", { mode: 0o644 });
    expect(await open()).toMatch(/^made /);
    expect(readdirSync(home)).toEqual(["fieldmark.key"]);
    expect(statSync(file()).mode & 0o777).toBe(0o600);
  });

  const flipped = (at: number) => record(KEY_ONE).map((byte, i) => (i === at ? byte ^ 1 : byte));
  test.each<[string, Uint8Array]>([
    ["empty", new Uint8Array(0)],
    ["a byte short", record(KEY_ONE).subarray(0, 39)],
    ["a byte long", Buffer.concat([record(KEY_ONE), Buffer.of(0)])],
    ["of another version", flipped(3)],
    ["with a bit of the key changed", flipped(20)],
    ["with a bit of the check changed", flipped(39)],
    ["whole, but no key", record(new Uint8Array(32))],
  ])("a record %s is an error, never another identity", async (_name, bytes) => {
    writeFileSync(file(), bytes);
    expect(await open()).toBe("storage");
    expect(readFileSync(file()).equals(bytes)).toBe(true);
  });

  test("a name that is no file is an error", async () => {
    mkdirSync(file());
    expect(await open()).toBe("storage");
  });

  test("a link is not followed", async () => {
    const elsewhere = join(home, "elsewhere");
    writeFileSync(elsewhere, record(KEY_ONE));
    symlinkSync(elsewhere, file());
    expect(await open()).toBe("storage");
  });

  test("a folder that is not there is an error", async () => {
    rmSync(home, { recursive: true });
    expect(await open()).toBe("storage");
  });

  test("without randomness no key is made, and none is stored", async () => {
    const answers = await ask(program, ["open", "boot", "source 00", "keeper"], home);
    expect(answers.at(-1)).toBe("no-entropy");
    expect(readdirSync(home)).toEqual([]);
  });
});
