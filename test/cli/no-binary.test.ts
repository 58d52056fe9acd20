import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "@jest/globals";
import { run, temporaryFolder } from "../support/cli.js";

const folder = temporaryFolder();
const at = (name: string) => join(folder, name);
/** As on a machine for which npm secp256k1 has no binary. */
const without = { NODE_OPTIONS: `--require ${join(__dirname, "../support/no-binary.cjs")}` };
const slowly = { ...without, FIELDMARK_SIGN_IN_JAVASCRIPT: "1" };
const signing = (out: string) => [
  "sign",
  "--key-file",
  at("key.json"),
  "--senml",
  at("senml.json"),
  "--out",
  at(out),
];

beforeAll(async () => {
  const { did } = JSON.parse((await run(["keygen", at("key.json"), "--json"])).stdout);
  const sensors = [{ name: "temperature", unit: "Cel", min: -40, max: 60, cadence: 60 }];
  writeFileSync(at("r.json"), JSON.stringify({ network: "demo", devices: [{ did, site: "roof", sensors }] }));
  writeFileSync(
    at("senml.json"),
    JSON.stringify([{ n: "temperature", u: "Cel", v: 21.5, t: Math.floor(Date.now() / 1000) - 60 }]),
  );
});

test("with the binary nothing is said", async () => {
  const { code, stderr } = await run(signing("fast.cborseq"));
  expect([code, stderr]).toEqual([0, expect.not.stringContaining("secp256k1")]);
});

test("without it nothing is signed, and no key is made, by JavaScript that nobody asked for", async () => {
  for (const [args, made] of [
    [["keygen", at("other.json")], "other.json"],
    [signing("slow.cborseq"), "slow.cborseq"],
    [["sim", "--engine", "node", "--for", "1s", "--out", at("sim.cborseq")], "sim.cborseq"],
    [["bundle", "--sample", "esp32c3", "--key-file", at("key.json"), "--out", at("b.zip")], "b.zip"],
  ] as const) {
    const { code, stderr } = await run(args, { env: without });
    expect([args[0], code, stderr]).toEqual([
      args[0],
      1,
      expect.stringContaining("FIELDMARK_SIGN_IN_JAVASCRIPT=1"),
    ]);
    expect(existsSync(at(made))).toBe(false);
  }
});

test("it is where that is asked for, and says the same", async () => {
  expect((await run(signing("slow.cborseq"), { env: slowly })).code).toBe(0);
  const { code, stdout } = await run(["verify", at("slow.cborseq"), "--registry", at("r.json"), "--json"]);
  expect([code, JSON.parse(stdout)]).toMatchObject([0, { verdict: "ok" }]);
});

test("signatures are checked without it, and that is said once", async () => {
  const { code, stdout, stderr } = await run(
    ["verify", at("fast.cborseq"), "--registry", at("r.json"), "--json"],
    {
      env: without,
    },
  );
  expect([code, stdout]).toEqual([0, expect.stringContaining('"ok"')]);
  expect(stderr.match(/npm secp256k1 has no binary for this machine/g)).toHaveLength(1);
  expect(stderr).toContain("30 times slower");
});
