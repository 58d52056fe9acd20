import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "@jest/globals";
import { parseFrame } from "../../agent/frame/parse.js";
import { InputError } from "../../agent/input-error.js";
import { hasher } from "../../node/ports/signer.js";
import { lockState, signByHand, statePath } from "../../tools/hand-sign.js";
import { hexOf, testSigner } from "../support/frames.js";
import { JudgeHarness } from "../support/judge-harness.js";

const folder = mkdtempSync(join(tmpdir(), "fieldmark-sign-"));
afterAll(() => rmSync(folder, { recursive: true }));
let files = 0;
const newPath = () => statePath(join(folder, `${files++}.json`));

const T = 1_795_000_000;
const pack = (v: number) => JSON.stringify([{ n: "temperature", u: "Cel", v, t: T }]);
const sign = (path: string, senml: string, network = "demo") => signByHand(testSigner, network, senml, path);
const parse = (frame: Uint8Array) => {
  const parsed = parseFrame(frame);
  if ("failure" in parsed) throw new Error(parsed.failure.detail);
  return parsed.frame;
};
const hashOf = (frame: Uint8Array) => {
  const digest = new Uint8Array(32);
  hasher.sha256(frame, digest, 0);
  return hexOf(digest.subarray(0, 16));
};

describe("signing by hand", () => {
  test("the state stands beside the key file, for its owner only", () => {
    const path = newPath();
    expect(path).toMatch(/\.json\.state\.json$/);
    sign(path, pack(1));
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test("the first frame is the first of the first boot", () => {
    const { frame, boot, sequence } = sign(newPath(), pack(21.5));
    expect([boot, sequence]).toEqual([1, 0]);
    expect(parse(frame)).toMatchObject({
      boot: 1,
      sequence: 0,
      prev: new Uint8Array(16),
      clock: 2,
      time: T,
      uptime: 0,
    });
    expect([...parse(frame).readings]).toEqual([
      { name: "temperature", unit: "Cel", mantissa: 215, exponent: -1, age: 0 },
    ]);
  });

  test("a pack without a date makes a frame whose clock is unset", () => {
    const { frame } = sign(newPath(), '[{"n":"temperature","u":"Cel","v":1}]');
    expect(parse(frame)).toMatchObject({ clock: 0, time: undefined });
  });

  test("the same again gives the same bytes, however often, and in another folder too", () => {
    const [path, other] = [newPath(), newPath()];
    const first = sign(path, pack(1));
    expect(sign(path, pack(1))).toEqual(first);
    expect(sign(path, pack(1))).toEqual(first);
    expect(sign(other, pack(1))).toEqual(first);
    const second = sign(path, pack(2));
    expect(sign(path, pack(2))).toEqual(second);
  });

  test.each<{ name: string; senml: string; network: string }>([
    { name: "another value", senml: pack(2), network: "demo" },
    { name: "another network", senml: pack(1), network: "other" },
    { name: "the same readings in other words", senml: ` ${pack(1)}`, network: "demo" },
  ])("$name: the next sequence, linked to the first", ({ senml, network }) => {
    const path = newPath();
    const first = sign(path, pack(1));
    const { frame, boot, sequence } = sign(path, senml, network);
    expect([boot, sequence]).toEqual([1, 1]);
    expect(hexOf(parse(frame).prev)).toBe(hashOf(first.frame));
    expect(parse(frame).network).toBe(network);
  });

  test("back and forth: never the same boot and sequence with other bytes", () => {
    const path = newPath();
    const frames = [1, 2, 1, 1, 2, 3].map((v) => sign(path, pack(v)));
    expect(frames.map(({ sequence }) => sequence)).toEqual([0, 1, 2, 2, 3, 4]);
    expect(frames[2]?.frame).toEqual(frames[3]?.frame);
  });

  test("a judge accepts what was signed", () => {
    const path = newPath();
    const judge = new JudgeHarness();
    for (const v of [21.5, 21.53, -3]) judge.receive(sign(path, pack(v)).frame);
    expect(
      judge.judgements.map(({ verdict, sequence, time, readings }) => [
        verdict,
        sequence,
        time,
        readings?.[0]?.value,
      ]),
    ).toEqual([
      ["ok", 0, T, 21.5],
      ["ok", 1, T, 21.53],
      ["ok", 2, T, -3],
    ]);
  });
});

describe("time within a boot goes on", () => {
  const at = (t: number | undefined, v = 1) =>
    JSON.stringify([{ n: "temperature", u: "Cel", v, ...(t !== undefined && { t }) }]);

  test("a pack of before the last one begins another boot: a judge takes all", () => {
    const path = newPath();
    const judge = new JudgeHarness();
    const times = [undefined, T, T + 3600, T + 60, T + 120, T - 86_400, T, undefined];
    const signed = times.map((t, v) => sign(path, at(t, v)));
    judge.receive(...signed.map(({ frame }) => frame)).giveUp();
    expect(judge.verdicts).toEqual(times.map(() => "ok"));
    expect(signed.map(({ boot, sequence }) => `${boot}/${sequence}`)).toEqual([
      "1/0",
      "1/1",
      "1/2",
      "2/0",
      "2/1",
      "3/0",
      "3/1",
      "3/2",
    ]);
    expect(signed.map(({ frame }) => parse(frame).uptime)).toEqual([0, 0, 3600, 0, 60, 0, 86_400, 86_400]);
  });

  test("a state that an earlier version wrote says nothing of time: another boot", () => {
    const path = newPath();
    sign(path, at(T));
    const { uptime, start, ...earlier } = JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown>;
    expect([uptime, start]).toEqual([0, T]);
    writeFileSync(path, JSON.stringify(earlier));
    const { frame, boot, sequence } = sign(path, at(T + 1));
    expect([boot, sequence, parse(frame).uptime]).toEqual([2, 0, 0]);
  });
});

describe("a state that is damaged is refused: nothing is signed, and it is left as it is", () => {
  const good = () => {
    const path = newPath();
    sign(path, pack(1));
    return JSON.parse(readFileSync(path, "utf8")) as Record<string, unknown>;
  };

  test.each<{ name: string; damage: (state: Record<string, unknown>) => string }>([
    { name: "empty", damage: () => "" },
    { name: "cut short", damage: (state) => JSON.stringify(state).slice(0, -4) },
    { name: "null", damage: () => "null" },
    { name: "without a member", damage: ({ sequence, ...rest }) => JSON.stringify(rest) },
    { name: "an unknown member", damage: (state) => JSON.stringify({ ...state, more: 1 }) },
    { name: "boot 0", damage: (state) => JSON.stringify({ ...state, boot: 0 }) },
    { name: "a sequence below 0", damage: (state) => JSON.stringify({ ...state, sequence: -1 }) },
    { name: "a sequence that is no integer", damage: (state) => JSON.stringify({ ...state, sequence: 0.5 }) },
    { name: "a short prev", damage: (state) => JSON.stringify({ ...state, prev: "00" }) },
    { name: "a hash that is no hex", damage: (state) => JSON.stringify({ ...state, hash: "x".repeat(32) }) },
  ])("$name", ({ damage }) => {
    const path = newPath();
    const text = damage(good());
    writeFileSync(path, text);
    expect(() => sign(path, pack(2))).toThrow(InputError);
    expect(() => sign(path, pack(2))).toThrow(`${path} is damaged`);
    expect(() => sign(path, pack(2))).toThrow("make a new key");
    expect(readFileSync(path, "utf8")).toBe(text);
  });

  test("one that cannot be read is the file system's error, not a new beginning", () => {
    expect(() => sign(folder, pack(1))).toThrow(expect.objectContaining({ code: "EISDIR" }));
  });
});

describe("the lock on a state", () => {
  test("waits for another, and then has it", async () => {
    const path = newPath();
    const release = await lockState(path, 0);
    const second = lockState(path, 30_000);
    release();
    (await second)();
    expect(existsSync(`${path}.lock`)).toBe(false);
  });

  test("names another that does not end", async () => {
    const path = newPath();
    const release = await lockState(path, 0);
    await expect(lockState(path, 40)).rejects.toThrow(InputError);
    await expect(lockState(path, 0)).rejects.toThrow(path);
    release();
  });

  test("that cannot be made is the file system's error, at once", async () => {
    await expect(lockState(join(folder, "none", "state.json"), 30_000)).rejects.toMatchObject({
      code: "ENOENT",
    });
  });
});

describe("what cannot be signed leaves no state", () => {
  test.each<{ name: string; senml: string; network?: string; says: string }>([
    { name: "a bad pack", senml: "[]", says: "not a SenML pack" },
    { name: "a bad network", senml: pack(1), network: "a/b", says: '"a/b" is not a network name' },
    {
      name: "a pack that is too long for a frame",
      senml: JSON.stringify(
        Array.from({ length: 255 }, (_, i) => ({ n: `${"x".repeat(60)}${i}`, u: "Cel", v: i, t: T })),
      ),
      says: "the pack does not fit into a frame of 4096 bytes",
    },
  ])("$name", ({ senml, network = "demo", says }) => {
    const path = newPath();
    expect(() => sign(path, senml, network)).toThrow(InputError);
    expect(() => sign(path, senml, network)).toThrow(says);
    expect(existsSync(path)).toBe(false);
  });

  test("a state that cannot be made durable: no frame comes out", () => {
    expect(() => sign(join(folder, "none", "state.json"), pack(1))).toThrow(
      expect.objectContaining({ code: "ENOENT" }),
    );
  });
});
