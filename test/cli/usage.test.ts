import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeAll, describe, expect, test } from "@jest/globals";
import { InputError } from "../../agent/input-error.js";
import { exitCodeOf } from "../../cli/errors.js";
import { brokers } from "../../cli/options.js";
import { parseBrokerUrl } from "../../node/mqtt/broker-address.js";
import { jsonLines, run, start, temporaryFolder } from "../support/cli.js";
import { startMosquitto } from "../support/mosquitto.js";

const folder = temporaryFolder();
const path = (name: string) => join(folder, name);
const VERBS = ["sim", "verify", "inspect", "keygen", "sign", "board"];
/** A technician's, and what shows them; the help of all has examples of the most used ones. */
const TECHNICIANS = [
  "scan",
  "flash",
  "provision",
  "enrol",
  "batch",
  "registry",
  "monitor",
  "doctor",
  "bundle",
  "order",
];

beforeAll(async () => {
  await run(["keygen", path("key.json")]);
  await run(["keygen", path("full.json")]);
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
  symlinkSync(path("circle"), path("circle"));
  writeFileSync(path("short.json"), '[{"d":"very-secret-key"} oops]');
  writeFileSync(path("marked.json"), "\uFEFF[]");
  writeFileSync(path("wide.json"), "[]", "utf16le");
});

describe("help", () => {
  test.each([...VERBS, ...TECHNICIANS, "serve"])(
    "%s has examples, and --json where it prints",
    async (verb) => {
      const { code, stdout, stderr } = await run([verb, "--help"]);
      expect(stdout).toContain("Examples:");
      expect(stdout).toContain(`$ fieldmark ${verb}`);
      if (verb !== "serve") expect(stdout).toContain("--json");
      expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    },
  );
});

test("the help of all has an example of each verb", async () => {
  const { stdout } = await run(["--help"]);
  for (const verb of VERBS) expect(stdout).toContain(`  $ fieldmark ${verb} `);
});

test("the help of sim says defaults as one gives them, and how to keep a password to oneself", async () => {
  const help = (await run(["sim", "--help"])).stdout.replace(/\s+/g, " ");
  for (const said of [
    "default: 1s",
    "default: 10s",
    "Other users of this machine can see a password",
    "FIELDMARK_BROKER_PASSWORD",
    "one run at a time",
  ])
    expect(help).toContain(said);
  expect(help).not.toMatch(/default: 10+\)/);
});

describe("rubbish gets a clear error, and no stack trace", () => {
  const registry = () => ["--registry", path("registry.json")];
  const sign = (...args: string[]) => ["sign", "--key-file", path("key.json"), "--senml", ...args];
  // What is given, the exit code, and what the error says.
  const table: [string, () => string[], number, string | RegExp][] = [
    ["no verb", () => [], 2, "Usage:"],
    ["an unknown verb", () => ["fly"], 2, "unknown command 'fly'"],
    ["an unknown option", () => ["sim", "--fly"], 2, "unknown option '--fly'"],
    ["devices that are no number", () => ["sim", "--devices", "many"], 2, "whole number from 1 to 200000"],
    ["too many devices", () => ["sim", "--devices", "1e9"], 2, "whole number from 1 to 200000"],
    ["a duration without a unit", () => ["sim", "--for", "15"], 2, "500ms, 15s, 2m or 24h"],
    ["a run of a month", () => ["sim", "--for", "30d"], 2, "at most 24d"],
    ["a run of 25 days", () => ["sim", "--for", "600.1h"], 2, "at most 24d"],
    ["a state without a name", () => ["sim", "--state", ""], 2, "It is empty"],
    ["an out file without a name", () => ["sim", "--out", ""], 2, "It is empty"],
    ["a signed file without a name", () => sign(path("reading.json"), "--out", ""), 2, "It is empty"],
    ["a public key that is none", () => ["keygen", "--public", "04ff"], 2, "not a public key"],
    ["a key file without a name", () => ["keygen", ""], 2, "It is empty"],
    ["a name that is too long", () => ["inspect", path("x".repeat(300))], 2, "the name is too long"],
    ["links in a circle", () => ["inspect", path("circle")], 2, "in a circle"],
    [
      "a full disk",
      () => ["sign", "--key-file", path("full.json"), "--senml", path("reading.json"), "--out", "/dev/full"],
      1,
      "the disk is full",
    ],
    [
      "the same broker twice",
      () => ["sim", "--broker", "mqtt://127.0.0.1:1", "--broker", "mqtt://127.0.0.1:1"],
      2,
      "the same broker twice",
    ],
    ["sensors that are not there", () => ["sim", "--sensors", "nose"], 2, "Allowed choices are host, replay"],
    ["an interface that is none", () => ["sim", "--discover", "eth0"], 2, "the IPv4 address of an interface"],
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
    ["binary SenML", () => sign(path("rubbish")), 2, "rubbish: not text in UTF-8"],
    ["a flaw in SenML", () => sign(path("short.json")), 2, /short\.json: not JSON: see character \d+\n$/],
    ["SenML with a byte order mark", () => sign(path("marked.json")), 2, "marked.json: not a SenML pack"],
    [
      "SenML in UTF-16",
      () => sign(path("wide.json")),
      2,
      "wide.json: not text in UTF-8, it looks like UTF-16: save it as UTF-8",
    ],
  ];
  test.each(table)("%s", async (_name, args, code, message) => {
    const finished = await run(args());
    expect(finished.stderr).toMatch(message);
    expect(finished.stderr).not.toMatch(/\n +at .*:\d+:\d+|Error:/);
    expect(finished.code).toBe(code);
  });
});

test("a fault of the program is not told as bad usage", () => {
  const endless = (): number => 1 + endless();
  let overflow: unknown;
  try {
    endless();
  } catch (error) {
    overflow = error;
  }
  expect(overflow).toBeInstanceOf(RangeError);
  expect([exitCodeOf(overflow), exitCodeOf(new InputError("--port: not a port"))]).toEqual([1, 2]);
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

const PROGRAM = join(__dirname, "../../dist/fieldmark.js");

/** A shell command with `fieldmark` in it. */
function shell(command: string, environment: Record<string, string> = {}) {
  const { status, stdout, stderr } = spawnSync(
    "bash",
    ["-c", `fieldmark() { "${process.execPath}" "${PROGRAM}" "$@"; }\n${command}`],
    { encoding: "utf8", cwd: folder, env: { ...process.env, ...environment } },
  );
  return { code: status, stdout, stderr };
}

/** A run at a broker, of two seconds. */
const simAt = (url: string, environment: Record<string, string>) =>
  shell(`fieldmark sim --engine node --devices 1 --for 2s --interval 200ms --broker "${url}"`, environment);

describe("a password is in no output", () => {
  const PASSWORDS = ["hush", "hu@sh", "hu%2Fsh", "hu/sh", "hu#sh", "hu?sh", "hu:sh", "1/hush"];
  const url = (password: string) => `mqtt://me:${password}@127.0.0.1:1`;
  const table: [string, (password: string) => string[]][] = [
    ["the same broker twice", (password) => ["sim", "--broker", url(password), "--broker", url(password)]],
    ["a broker that does not answer", () => ["sim", "--broker", url("hu@sh"), "--for", "1s"]],
    ["another scheme", (password) => ["sim", "--broker", url(password).replace("mqtt", "http")]],
    ["a port that is none", (password) => ["verify", "--broker", `${url(password)}x`]],
    ["an option of nearly that name", (password) => ["sim", "--brokers", url(password)]],
    ["an option that is not there", (password) => ["sim", `--brokr=${url(password)}`]],
    ["a verb", (password) => [url(password)]],
    ["a file", (password) => ["inspect", url(password)]],
  ];
  const cases = table.flatMap(([name, args], index) =>
    (index === 0 ? PASSWORDS : ["hu@sh"]).map((password) => ({ name, password, args })),
  );
  test.each(cases)("$name: $password", async ({ password, args }) => {
    const { code, stdout, stderr } = await run(args(password));
    expect(code).toBeGreaterThan(0);
    for (const part of [password, "hush", "hu@", "sh@", "@sh"]) expect(stdout + stderr).not.toContain(part);
  });

  test("nor where the broker takes it, in the URL or the environment", async () => {
    const broker = await startMosquitto();
    try {
      const plain = simAt(broker.url, {});
      const named = simAt(broker.url.replace("//", "//me:hu@sh@"), {});
      const environment = simAt(broker.url, {
        FIELDMARK_BROKER_USER: "me",
        FIELDMARK_BROKER_PASSWORD: "hu@sh",
      });
      for (const { code, stdout, stderr } of [plain, named, environment]) {
        expect(stderr).toContain(`brokers ${broker.url}\n`);
        expect(stdout + stderr).not.toMatch(/hu@|hu%40|hush|sh@/);
        expect(code).toBe(0);
      }
      const users = broker.log().match(/ u'[^']*'/g) ?? [];
      expect(new Set(users)).toEqual(new Set([" u'me'"]));
    } finally {
      await broker.stop();
    }
  });
});

describe("the broker's user in the environment", () => {
  const variables = ["FIELDMARK_BROKER_USER", "FIELDMARK_BROKER_PASSWORD"] as const;
  const before = variables.map((name) => process.env[name]);
  const set = (user: string, password: string) => {
    process.env.FIELDMARK_BROKER_USER = user;
    process.env.FIELDMARK_BROKER_PASSWORD = password;
  };
  afterEach(() => {
    for (const [index, name] of variables.entries())
      if (before[index] === undefined) delete process.env[name];
      else process.env[name] = before[index];
  });

  test.each<{ name: string; user: string; password: string; given: string; used: string }>([
    { name: "none", user: "", password: "", given: "mqtt://h", used: "mqtt://h" },
    { name: "both", user: "me", password: "pw", given: "mqtt://h:1", used: "mqtt://me:pw@h:1" },
    { name: "a user alone", user: "me", password: "", given: "mqtt://h", used: "mqtt://me@h" },
    {
      name: "signs",
      user: "a@b",
      password: "/?#:%",
      given: "mqtt://h",
      used: "mqtt://a%40b:%2F%3F%23%3A%25@h",
    },
    {
      name: "a URL with a user",
      user: "me",
      password: "pw",
      given: "mqtt://you:x@h",
      used: "mqtt://you:x@h",
    },
  ])("$name", ({ user, password, given, used }) => {
    set(user, password);
    expect(brokers(given)).toEqual([parseBrokerUrl(used)]);
  });

  test("a password with a colon is used as it is", () => {
    set("field:x", "a:b");
    expect(brokers("mqtt://h")).toMatchObject([{ user: "field:x", password: "a:b" }]);
  });

  test("a password without a user is refused", () => {
    set("", "pw");
    expect(() => brokers("mqtt://h")).toThrow(InputError);
  });
});

describe("an output that cannot be written", () => {
  const LINE = /^fieldmark: [^\n]+\n$/;

  test("a full disk: one line, and exit code 1", () => {
    const { code, stderr } = shell("fieldmark keygen --show key.json > /dev/full");
    expect(stderr).toBe("fieldmark: standard output: the disk is full\n");
    expect(code).toBe(1);
  });

  test("a full disk under standard error: exit code 1", () => {
    expect(shell("fieldmark inspect rubbish 2> /dev/full > /dev/null").code).toBe(1);
  });

  // Enough of it that the pipe is full when its reader ends.
  const BAD = `fieldmark sign --key-file full.json --senml reading.json > bad &&
    for ((i = 0; i < 12; i++)); do cat bad bad > twice && mv twice bad; done`;
  test.each<[string, string]>([
    ["standard output", "fieldmark verify bad --registry registry.json --json | head -c 1"],
    ["both outputs", "fieldmark verify bad --registry registry.json --json 2>&1 | head -c 1"],
    [
      "standard error",
      "fieldmark sim --engine node --links memory --for 1m --interval 1ms 2>&1 >/dev/null | head -n 1",
    ],
  ])("a reader that ends early, of %s: no word, and no exit code 0", (_name, command) => {
    const { stderr, stdout } = shell(
      `[ -e bad ] || { ${BAD}; }\n${command} > /dev/null; echo "\${PIPESTATUS[0]}"`,
    );
    expect(stderr).toBe("");
    expect(stdout).toBe("141\n");
  });

  test.each<[string, Record<string, string>, RegExp]>([
    ["one line", {}, LINE],
    ["all of it with FIELDMARK_DEBUG", { FIELDMARK_DEBUG: "1" }, /\n +at /],
  ])("a fault in the program: %s", (_name, environment, says) => {
    const fault =
      "setInterval(()=>{if(process.listenerCount('uncaughtException')>0)throw(new(Error)('boom'))},5)";
    const { code, stderr } = shell("fieldmark sim --engine node --links memory --for 2s --json", {
      ...environment,
      NODE_OPTIONS: `--import data:text/javascript,${fault}`,
    });
    expect(stderr).toContain("fieldmark: internal error: boom\n");
    expect(stderr).toMatch(says);
    expect(code).toBe(1);
  });
});

describe("the engine", () => {
  const sim = (engine: string, environment: Record<string, string> = {}) => {
    const given = `fieldmark sim --devices 1 --links memory --for 200ms --json ${engine}`;
    const { code, stdout, stderr } = shell(given, environment);
    return { code, stderr, engine: stdout === "" ? undefined : JSON.parse(stdout).engine };
  };
  /** A compiler that has no headers. */
  const bare = () => {
    const script = '#!/bin/sh\n[ "$1" = --version ] && exec echo bare 1.0\necho no stdlib.h >&2\nexit 1\n';
    writeFileSync(path("bare-cc"), script, { mode: 0o755 });
    return path("bare-cc");
  };

  test("is XS where there is a compiler, unless Node's is asked for", () => {
    expect(sim("")).toEqual({ code: 0, stderr: "", engine: "xs" });
    expect(sim("--engine xs")).toEqual({ code: 0, stderr: "", engine: "xs" });
    expect(sim("--engine node")).toEqual({ code: 0, stderr: "", engine: "node" });
  });

  test("without a compiler it is Node's, with one line that says so and what to install", () => {
    const { stderr, ...rest } = sim("", { CC: "/no/compiler" });
    expect(rest).toEqual({ code: 0, engine: "node" });
    expect(stderr).toMatch(/^fieldmark: there is no C compiler[^\n]*apt-get install gcc[^\n]*\n$/);
    expect(sim("--engine node", { CC: "/no/compiler" }).stderr).toBe("");
  });

  test("without a compiler, XS that is asked for is an error that says what to install", () => {
    const { stderr, ...rest } = sim("--engine xs", { CC: "/no/compiler" });
    expect(rest).toEqual({ code: 1, engine: undefined });
    expect(stderr).toMatch(/^fieldmark: [^\n]*C compiler[^\n]*apt-get install gcc[^\n]*\n$/);
  });

  test("with a compiler that cannot compile it is Node's, and one line says why", () => {
    const { stderr, ...rest } = sim("", { CC: bare() });
    expect(rest).toEqual({ code: 0, engine: "node" });
    expect(stderr).toMatch(
      /^fieldmark: compiling [^\n]*\nfieldmark: the XS engine cannot be had[^\n]*bare-cc failed[^\n]*\n$/,
    );
    expect(sim("--engine xs", { CC: bare() })).toMatchObject({ code: 1, engine: undefined });
  });
});

test("--memory says what a board has in xs-host, in Node and in all", () => {
  const { stdout } = shell("fieldmark sim --devices 3 --links memory --for 300ms --json --memory");
  const { memory } = JSON.parse(stdout);
  expect(memory.boards).toBe(3);
  expect(memory.nodeResidentBytes).toBeGreaterThan(1e7);
  expect(memory.nodeResidentBytesPerBoard).toBe(Math.round(memory.nodeResidentBytes / 3));
  const all = memory.nodeResidentBytes + memory.residentBytes;
  expect(memory.totalResidentBytesPerBoard).toBe(Math.round(all / 3));
  const text = shell("fieldmark sim --devices 3 --links memory --for 300ms --memory").stdout;
  expect(text).toMatch(/^3 boards on XS, 3 brokers, .* started in \d+ ms\n/);
  expect(text).toMatch(/\n +\d+ bytes a board, all told\n/);
});

test("a state folder is one run's at a time", async () => {
  const words = "sim --links memory --devices 1 --drain 5m --state".split(" ");
  const sim = (limit: string) => [...words, path("state"), "--for", limit];
  const first = start(sim("1m"));
  await first.said("network ");
  const second = await run(sim("1s"));
  expect(second.stderr).toContain(`process ${first.process.pid} `);
  expect(second.stderr).toContain(path("state"));
  expect(second.code).toBe(2);
  first.process.kill("SIGINT");
  expect(await first.finished).toMatchObject({ code: 0 });
  expect(readdirSync(path("state"))).toEqual(["board-0001", "network"]);
  // What the first left in a journal would be rejected in another network.
  const network = readFileSync(join(path("state"), "network"), "utf8").trim();
  const third = await run([...sim("1s"), "--json"]);
  expect(third).toMatchObject({ code: 0, stderr: "" });
  expect(JSON.parse(third.stdout)).toMatchObject({ network, frames: { rejected: {} } });
});

test("six that sign at once with one key: six sequences, one chain", async () => {
  await run(["keygen", path("six.json")]);
  const { did } = JSON.parse((await run(["keygen", "--show", path("six.json"), "--json"])).stdout);
  const sensors = [{ name: "temperature", unit: "Cel", min: -40, max: 60, cadence: 60 }];
  writeFileSync(
    path("six.registry.json"),
    JSON.stringify({ network: "demo", devices: [{ did, site: "x", sensors }] }),
  );
  const signed = await Promise.all(
    [1, 2, 3, 4, 5, 6].map((v) =>
      run(["sign", "--key-file", path("six.json"), "--senml", "-", "--out", path("six.cborseq"), "--json"], {
        input: JSON.stringify([{ n: "temperature", u: "Cel", v, bt: 1795000000 }]),
      }),
    ),
  );
  expect(signed.map(({ stderr }) => stderr)).toEqual(Array(6).fill(""));
  const sequences = signed.map(({ stdout }) => JSON.parse(stdout).sequence as number);
  expect(sequences.sort()).toEqual([0, 1, 2, 3, 4, 5]);
  const { stdout } = await run(["verify", path("six.cborseq"), "--json"]);
  expect(jsonLines(stdout).map(({ verdict, sequence }) => [verdict, sequence])).toEqual(
    [0, 1, 2, 3, 4, 5].map((sequence) => ["ok", sequence]),
  );
  expect(
    readdirSync(folder)
      .filter((name) => name.startsWith("six."))
      .sort(),
  ).toEqual(["six.cborseq", "six.json", "six.json.state.json", "six.registry.json"]);
});
