import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "@jest/globals";
import { jsonLines, run, temporaryFolder } from "../support/cli.js";

const folder = temporaryFolder();
const path = (name: string) => join(folder, name);
const VERBS = ["sim", "verify", "inspect", "keygen", "sign"];

beforeAll(async () => {
  await run(["keygen", path("key.json")]);
  writeFileSync(path("reading.json"), '[{"n":"temperature","u":"Cel","v":21.5,"bt":1795000000}]');
  writeFileSync(
    path("rubbish"),
    Uint8Array.from({ length: 3000 }, (_, i) => (i * 7919) % 251),
  );
  writeFileSync(path("empty"), "");
  writeFileSync(path("text.json"), "not json");
  writeFileSync(path("registry.json"), '{"network":"demo","devices":[]}');
  writeFileSync(
    path("twice.json"),
    JSON.stringify({ network: "demo", devices: [{ did: "did:web:x", site: "a" }] }),
  );
  mkdirSync(path("folder"));
});

describe("help", () => {
  test.each(VERBS)("%s has examples", async (verb) => {
    const { code, stdout, stderr } = await run([verb, "--help"]);
    expect(stdout).toContain("Examples:");
    expect(stdout).toContain(`$ fieldmark ${verb}`);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  });

  test.each(VERBS)("%s has --json", async (verb) => {
    expect((await run([verb, "--help"])).stdout).toContain("--json");
  });
});

describe("rubbish gets a clear error, and no stack trace", () => {
  const registry = () => ["--registry", path("registry.json")];
  const sign = (...args: string[]) => ["sign", "--key-file", path("key.json"), "--senml", ...args];
  // What is given, the exit code, and what the error says.
  const table: [string, () => string[], number, string | RegExp][] = [
    ["no verb", () => [], 2, "Usage:"],
    ["an unknown verb", () => ["fly"], 2, "unknown command 'fly'"],
    ["an unknown option", () => ["sim", "--fly"], 2, "unknown option '--fly'"],
    ["devices that are no number", () => ["sim", "--devices", "many"], 2, "whole number from 1 to 10000"],
    ["too many devices", () => ["sim", "--devices", "1e9"], 2, "whole number from 1 to 10000"],
    ["a duration without a unit", () => ["sim", "--for", "15"], 2, "500ms, 15s, 2m or 24h"],
    ["sensors that are not there", () => ["sim", "--sensors", "nose"], 2, "Allowed choices are host, replay"],
    ["a broker that is no URL", () => ["sim", "--broker", "localhost"], 2, "mqtt://host:1883"],
    [
      "a broker that does not answer",
      () => ["sim", "--broker", "mqtt://127.0.0.1:1", "--for", "1s"],
      1,
      "no broker can be reached",
    ],
    ["a network with a slash", () => ["sim", "--network", "a/b"], 2, "letters, digits"],
    [
      "an out file in no folder",
      () => ["sim", "--for", "1s", "--out", path("no/f.cborseq")],
      2,
      "no such file or folder",
    ],
    ["nothing to verify", () => ["verify"], 2, "either a file (or -) or --broker"],
    [
      "a file and a broker",
      () => ["verify", "x", "--broker", "mqtt://h"],
      2,
      "either a file (or -) or --broker",
    ],
    ["--out with a file", () => ["verify", "x", "--out", "y"], 2, "--out and --for go with --broker"],
    ["no registry", () => ["verify", path("rubbish")], 2, "Name the file with --registry"],
    ["frames that are not there", () => ["verify", path("none"), ...registry()], 2, "no such file or folder"],
    ["a folder as frames", () => ["verify", path("folder"), ...registry()], 2, "it is a folder"],
    [
      "a registry that is not there",
      () => ["verify", "-", "--registry", path("none")],
      2,
      "no such file or folder",
    ],
    ["a registry that is no JSON", () => ["verify", "-", "--registry", path("text.json")], 2, "is not JSON"],
    ["a registry that is none", () => ["verify", "-", "--registry", path("reading.json")], 2, "the whole: "],
    [
      "a registry with a bad entry",
      () => ["verify", "-", "--registry", path("twice.json")],
      2,
      "devices.0.sensors",
    ],
    ["rubbish to verify", () => ["verify", path("rubbish"), ...registry()], 1, "1 malformed"],
    ["rubbish to inspect", () => ["inspect", path("rubbish")], 1, "are no frame"],
    ["nothing to inspect", () => ["inspect", path("empty")], 1, "the input is empty"],
    ["inspect of no file", () => ["inspect"], 2, "missing required argument 'file'"],
    ["a key where there is one", () => ["keygen", path("key.json")], 2, "it is there already"],
    [
      "a key file that is none",
      () => ["sign", "--key-file", path("reading.json"), "--senml", path("reading.json")],
      2,
      "is not a key file",
    ],
    ["no key file", () => ["sign", "--senml", path("reading.json")], 2, "--key-file"],
    ["SenML that is no JSON", () => sign(path("text.json")), 2, "not JSON"],
    ["SenML that is no pack", () => sign(path("registry.json")), 2, "not a SenML pack"],
    ["binary SenML", () => sign(path("rubbish")), 2, "not JSON"],
  ];
  test.each(table)("%s", async (_name, args, code, message) => {
    const finished = await run(args());
    expect(finished.stderr).toMatch(message);
    expect(finished.stderr).not.toMatch(/\n +at |Error:/);
    expect(finished.code).toBe(code);
  });
});

describe("a key", () => {
  test("is for its owner's eyes, and in no output", async () => {
    const { stdout, stderr } = await run(["keygen", path("secret.json"), "--json"]);
    const { d } = JSON.parse(readFileSync(path("secret.json"), "utf8"));
    expect(statSync(path("secret.json")).mode & 0o777).toBe(0o600);
    expect(Object.keys(JSON.parse(stdout))).toEqual(["file", "did", "kid", "address"]);
    const signed = await run([
      "sign",
      "--key-file",
      path("secret.json"),
      "--senml",
      path("reading.json"),
      "--json",
    ]);
    const shown = await run(["keygen", "--show", path("secret.json")]);
    const everything = [stdout, stderr, signed.stdout, signed.stderr, shown.stdout, shown.stderr].join();
    for (const form of [
      d,
      Buffer.from(d, "base64url").toString("hex"),
      Buffer.from(d, "base64url").toString("base64"),
    ])
      expect(everything).not.toContain(form);
    expect(everything).toContain(JSON.parse(stdout).did);
  });

  test("signs the same pack to the same bytes, another one to the next frame, and verify takes both", async () => {
    const { did } = JSON.parse((await run(["keygen", "--show", path("key.json"), "--json"])).stdout);
    const sensors = [{ name: "temperature", unit: "Cel", min: -40, max: 60, cadence: 60 }];
    writeFileSync(
      path("mine.registry.json"),
      JSON.stringify({ network: "demo", devices: [{ did, site: "x", sensors }] }),
    );
    const sign = (input: string) =>
      run(["sign", "--key-file", path("key.json"), "--senml", "-", "--out", path("mine.cborseq"), "--json"], {
        input,
      });
    const pack = (v: number) => JSON.stringify([{ n: "temperature", u: "Cel", v, bt: 1795000000 }]);
    const [first, again, next] = [await sign(pack(20)), await sign(pack(20)), await sign(pack(20.5))];
    expect(again.stdout).toBe(first.stdout);
    expect(JSON.parse(next.stdout)).toMatchObject({
      boot: 1,
      sequence: JSON.parse(first.stdout).sequence + 1,
    });
    const { code, stdout } = await run(["verify", path("mine.cborseq")]);
    expect(jsonLines(stdout).map(({ verdict }) => verdict)).toEqual(["ok", "duplicate", "ok"]);
    expect(jsonLines(stdout)[2]).toMatchObject({
      ok: true,
      device: did,
      time: 1795000000,
      readings: [{ name: "temperature", unit: "Cel", value: 20.5, time: 1795000000 }],
    });
    expect(code).toBe(0);
  });
});

test("inspect takes hex, and its JSON has every byte once", async () => {
  const signed = await run([
    "sign",
    "--key-file",
    path("key.json"),
    "--senml",
    path("reading.json"),
    "--json",
  ]);
  const { frame } = JSON.parse(signed.stdout);
  const { code, stdout } = await run(["inspect", "-", "--json"], { input: `${frame}\n` });
  const { lines } = JSON.parse(stdout) as { lines: { hex: string }[] };
  expect(lines.map(({ hex }) => hex).join("")).toBe(frame);
  expect(code).toBe(0);
});
