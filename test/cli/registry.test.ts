import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "@jest/globals";
import { didOfKey } from "../../agent/frame/identity.js";
import { writeKeyFile } from "../../node/key-file.js";
import { createSigner } from "../../node/ports/signer.js";
import { enrolOf, keyOf, kidOf } from "../network/enrolment/fleet.js";
import { prevAfter } from "../network/verify/board.js";
import { jsonLines, run, temporaryFolder } from "../support/cli.js";
import { makeFrame, TEST_HEADER } from "../support/frames.js";

const [aliceKey, bobKey] = [new Uint8Array(32).fill(101), new Uint8Array(32).fill(102)] as const;
const [alice, bob] = [createSigner(aliceKey), createSigner(bobKey)] as const;
const board = keyOf(1);
const kid = kidOf(board);
let folder = "";

beforeEach(() => {
  folder = temporaryFolder();
  writeKeyFile(join(folder, "alice.json"), aliceKey);
  writeKeyFile(join(folder, "bob.json"), bobKey);
  mkdirSync(join(folder, "registry.enrolments"));
  writeFileSync(join(folder, "registry.enrolments", `${kid}.enrolment`), enrolOf(board, alice));
});

const registry = (...args: string[]) => run(["registry", ...args], { cwd: folder });
const shown = async (...args: string[]) => jsonLines((await registry("show", "--json", ...args)).stdout);

test("a board that moves, is sold and ended is shown with all of that", async () => {
  const moved = await registry("move", kid, "--site", "cellar", "--owner-key", "alice.json");
  expect(moved).toMatchObject({ code: 0, stderr: "", stdout: expect.stringContaining('"cellar"') });
  const offered = await registry("move", kid, "--to", didOfKey(bob.publicKey), "--owner-key", "alice.json");
  expect(offered).toMatchObject({
    code: 0,
    stdout: expect.stringContaining(`Give that owner the file ${kid}.offer`),
  });
  expect(await shown()).toMatchObject([{ device: kid, owner: didOfKey(alice.publicKey), site: "cellar" }]);
  const accepted = await registry("accept", `${kid}.offer`, "--owner-key", "bob.json", "--json");
  expect(jsonLines(accepted.stdout)).toMatchObject([{ owner: didOfKey(bob.publicKey) }]);
  const ended = await registry("end", kid, "--owner-key", "bob.json", "--date", "2030-01-01");
  expect(ended).toMatchObject({ code: 0, stdout: expect.stringContaining("ended from 2030-01-01") });
  expect(await shown(kid)).toMatchObject([
    {
      device: kid,
      site: "cellar",
      ended: "2030-01-01T00:00:00Z",
      tenures: [{ site: "roof" }, { site: "cellar" }, { owner: didOfKey(bob.publicKey) }],
      statements: [{ kind: "enrol" }, { kind: "move" }, { kind: "move" }, { kind: "end" }],
    },
  ]);
  const other = await registry("end", kid, "--owner-key", "alice.json");
  expect(other).toMatchObject({ code: 2, stderr: expect.stringContaining("which is another key") });
});

test("an ended board's frames count up to the end", async () => {
  const { time } = TEST_HEADER as { time: number };
  const at = new Date((time + 30) * 1000).toISOString();
  writeFileSync(
    join(folder, "registry.enrolments", `${kid}.enrolment`),
    enrolOf(board, alice, { date: time - 1000 }),
  );
  expect((await registry("end", kid, "--owner-key", "alice.json", "--date", at)).code).toBe(0);
  const one = makeFrame(undefined, {}, { signer: board });
  const two = makeFrame(
    undefined,
    { sequence: 1, prev: prevAfter(one), uptime: 120, time: time + 60, configuration: undefined },
    { signer: board },
  );
  writeFileSync(join(folder, "site.cborseq"), Buffer.concat([one, two]));
  const verify = ["verify", "site.cborseq", "--registry", "registry.enrolments", "--json"];
  const judged = await run(verify, { cwd: folder });
  expect(jsonLines(judged.stdout).slice(0, 2)).toMatchObject([
    { verdict: "ok" },
    { verdict: "out-of-range", detail: "dated 30 s after the device was ended" },
  ]);
  const strangers = await run([...verify, "--owner", didOfKey(bob.publicKey)], { cwd: folder });
  expect(jsonLines(strangers.stdout)[0]).toMatchObject({ verdict: "unknown-device" });
  expect(strangers.stderr).toContain("is none of the owners who may enrol here");
});

describe("what is wrong is said, changes nothing, and ends with 2", () => {
  test.each<[string, readonly string[], string]>([
    ["another owner's key", ["end", kid, "--owner-key", "bob.json"], "which is another key"],
    ["no key", ["end", kid], "--owner-key"],
    ["no board", ["end", "--owner-key", "alice.json"], "name the board"],
    ["a board that there is not", ["end", "0".repeat(16), "--owner-key", "alice.json"], "has nothing about"],
    ["no board's name", ["end", "../x", "--owner-key", "alice.json"], "16 digits"],
    ["a move to nowhere", ["move", kid, "--owner-key", "alice.json"], "where to"],
    ["a place for an end", ["end", kid, "--site", "x", "--owner-key", "alice.json"], "go with move"],
    [
      "an owner that is none",
      ["move", kid, "--to", "did:web:x", "--owner-key", "alice.json"],
      "not a did:key",
    ],
    ["a date that is none", ["end", kid, "--date", "soon", "--owner-key", "alice.json"], "A time looks like"],
    ["an offer that is none", ["accept", "alice.json", "--owner-key", "bob.json"], "no file of statements"],
    ["a verb that there is not", ["sell", kid], "Allowed choices"],
  ])("%s", async (_name, args, says) => {
    const file = join(folder, "registry.enrolments", `${kid}.enrolment`);
    const before = readFileSync(file);
    const { code, stderr } = await registry(...args);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(says) });
    expect(readFileSync(file)).toEqual(before);
  });

  test("an offer to somebody else", async () => {
    await registry("move", kid, "--to", didOfKey(bob.publicKey), "--owner-key", "alice.json", "--out", "o");
    expect(existsSync(join(folder, "o"))).toBe(true);
    const { code, stderr } = await registry("accept", "o", "--owner-key", "alice.json");
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining("offers no board to") });
  });
});
