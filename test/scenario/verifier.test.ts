import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { connectAsync, type MqttClient } from "mqtt";
import { hex, kidOfKey } from "../../agent/cose/kid.js";
import { didOfKey } from "../../agent/frame/identity.js";
import { frameTopic, statusTopic } from "../../agent/frame/topic.js";
import { createSigner, hasher } from "../../node/ports/signer.js";
import { Chain } from "../network/verify/board.js";
import { jsonLines, type Running, run, start, temporaryFolder } from "../support/cli.js";
import { reading, TEST_NETWORK } from "../support/frames.js";
import { type Mosquitto, startMosquitto } from "../support/mosquitto.js";

const folder = temporaryFolder();
let brokers: [Mosquitto, Mosquitto];
let clients: [MqttClient, MqttClient];

beforeAll(async () => {
  brokers = [await startMosquitto(), await startMosquitto()];
  clients = [await connectAsync(brokers[0].url), await connectAsync(brokers[1].url)];
});
afterAll(async () => {
  await Promise.all(clients?.map((client) => client.endAsync()) ?? []);
  await Promise.all(brokers?.map((broker) => broker.stop()) ?? []);
});

/** A board in the hands of the test. */
class Board {
  readonly #signer;
  readonly #chain = new Chain();
  readonly kid: string;

  constructor(
    readonly site: string,
    key: number,
    readonly cadence = 60,
  ) {
    this.#signer = createSigner(new Uint8Array(32).fill(key));
    this.kid = hex(kidOfKey(this.#signer.publicKey, hasher));
  }

  get topic(): string {
    return frameTopic(TEST_NETWORK, this.kid);
  }

  get entry() {
    return {
      did: didOfKey(this.#signer.publicKey),
      site: this.site,
      sensors: [{ name: "temperature", unit: "Cel", min: -40, max: 85, cadence: this.cadence }],
    };
  }

  next(header = {}, readings = [reading()]): Uint8Array {
    return this.#chain.next(header, readings, { signer: this.#signer });
  }

  async publish(frame: Uint8Array, client = clients[0]): Promise<void> {
    await client.publishAsync(this.topic, Buffer.from(frame), { qos: 1 });
  }
}

let count = 0;
/** A registry of its own, and the words that start a verifier on it. */
function setUp(...boards: Board[]) {
  const name = `site${++count}`;
  const registry = join(folder, `${name}.registry.json`);
  const out = join(folder, `${name}.cborseq`);
  const enrol = (...enrolled: Board[]) => writeFileSync(registry, registryOf(...enrolled));
  enrol(...boards);
  return {
    registry,
    out,
    enrol,
    words: ["verify", "--broker", brokers[0].url, "--registry", registry],
  };
}

const registryOf = (...boards: Board[]) =>
  JSON.stringify({ network: TEST_NETWORK, devices: boards.map(({ entry }) => entry) });

async function listening(words: readonly string[]): Promise<Running> {
  const verifier = start(words);
  const urls = words.filter((_, index) => words[index - 1] === "--broker");
  for (const url of urls) await verifier.said(`${url}: subscribed`);
  return verifier;
}

let marks = 0;
/** Sends what is no frame, and waits until the verifier has said so: it has all that was sent before, too. */
async function allJudged(verifier: Running, client = clients[0]): Promise<void> {
  const bytes = Buffer.alloc(1000 + ++marks, 1);
  await client.publishAsync(frameTopic(TEST_NETWORK, "0".repeat(16)), bytes, { qos: 1 });
  await verifier.said(`"bytes":${bytes.length}`);
}

async function stop(verifier: Running, signal: NodeJS.Signals = "SIGTERM") {
  verifier.process.kill(signal);
  const finished = await verifier.finished;
  // Without the marks of `allJudged`.
  const lines = jsonLines(finished.stdout).filter(({ verdict }) => verdict !== "malformed");
  return {
    ...finished,
    lines,
    said: lines.map(({ site, sequence, verdict }) => `${site} ${sequence} ${verdict}`),
  };
}

describe("exit codes, for supervisors", () => {
  const NOWHERE = "mqtt://127.0.0.1:1";

  test.each([
    { how: "SIGTERM", strict: [], code: 0 },
    { how: "SIGINT", strict: [], code: 0 },
    { how: "SIGTERM", strict: ["--strict"], code: 1 },
  ] as const)("$how after a stranger's rubbish, $strict: $code", async ({ how, strict, code }) => {
    const verifier = await listening([...setUp().words, ...strict]);
    await allJudged(verifier);
    const { stderr, ...finished } = await stop(verifier, how);
    expect(finished.code).toBe(code);
    expect(stderr).toContain("1 malformed");
    if (code === 1) expect(stderr).toContain("not fine: 1 of 1 frames");
  });

  test("--for after a stranger's rubbish: 0", async () => {
    const verifier = await listening([...setUp().words, "--for", "15s"]);
    await allJudged(verifier);
    expect((await verifier.finished).code).toBe(0);
  });

  test.each([
    { strict: [], code: 0 },
    { strict: ["--strict"], code: 1 },
  ])("SIGTERM before any broker was reached, $strict: $code", async ({ strict, code }) => {
    const verifier = start(["verify", "--broker", NOWHERE, "--registry", setUp().registry, ...strict]);
    await verifier.said("lost");
    expect((await stop(verifier)).code).toBe(code);
  });
});

describe("a verifier that starts again", () => {
  test.each(["SIGTERM", "SIGKILL"] as const)("after %s prints nothing that it has kept", async (signal) => {
    const roof = new Board("roof", 11);
    const { words, out } = setUp(roof);
    // The chain's beginning is not there: its first frame waits whether something comes before it, each time.
    roof.next();
    const frames = [roof.next(), roof.next(), roof.next()];
    const first = await listening([...words, "--out", out]);
    for (const frame of frames) await roof.publish(frame);
    await first.said('"sequence":3');
    await stop(first, signal);

    const second = await listening([...words, "--out", out]);
    await roof.publish(roof.next());
    // What waits is given up after a second; 4 follows it.
    await second.said('"sequence":4');
    const { said, code, stderr } = await stop(second);
    expect(said).toEqual(["roof 4 ok"]);
    expect(stderr).toContain(`${out} holds 3 frames already`);
    expect(code).toBe(0);

    const third = await listening([...words, "--out", out, "--replay"]);
    await third.said('"sequence":4');
    expect((await stop(third)).said).toEqual(["roof 1 ok", "roof 2 ok", "roof 3 ok", "roof 4 ok"]);
  });

  test("--replay is refused where nothing was kept", async () => {
    const { code, stderr } = await run([...setUp().words, "--replay"]);
    expect(stderr).toContain("--replay goes with --out");
    expect(code).toBe(2);
  });
});

describe("a line", () => {
  test("has broker, topic and time of arrival, and is the only one however often the frame comes", async () => {
    const yard = new Board("yard", 12);
    const { words } = setUp(yard);
    const verifier = await listening([...words, "--json", "--broker", brokers[1].url]);
    const before = Date.now() / 1000;
    const frame = yard.next();
    for (const client of [clients[0], clients[1], clients[0]]) await yard.publish(frame, client);
    // Refused bytes, too: the signature is damaged.
    const bad = yard.next().slice();
    bad[bad.length - 40] = (bad[bad.length - 40] as number) ^ 1;
    for (const client of [clients[0], clients[1], clients[0]]) await yard.publish(bad, client);
    await allJudged(verifier, clients[0]);
    await allJudged(verifier, clients[1]);
    const { lines, stderr } = await stop(verifier);
    expect(lines).toHaveLength(2);
    expect(lines.map(({ verdict }) => verdict)).toEqual(["ok", "bad-signature"]);
    const [first] = lines as [Record<string, unknown>];
    expect(first.topic).toBe(yard.topic);
    expect(brokers.map(({ url }) => url)).toContain(first.broker);
    expect(first.received).toBeGreaterThanOrEqual(before);
    expect(first.received).toBeLessThanOrEqual(Date.now() / 1000);
    const summary = JSON.parse(stderr.trim().split("\n").at(-1) as string);
    expect(summary).toMatchObject({
      frames: 8,
      verdicts: { ok: 1, duplicate: 2, "bad-signature": 3, malformed: 2 },
      brokers: { [brokers[0].url]: { frames: 5 }, [brokers[1].url]: { frames: 3 } },
    });
  });
});

describe("a registry that changes", () => {
  test("frames of a device that is not enrolled wait until it is: the file is replaced by rename", async () => {
    const [shed, barn] = [new Board("shed", 13), new Board("barn", 14)];
    const { words, registry } = setUp(shed);
    const verifier = await listening(words);
    for (let i = 0; i < 3; i++) await barn.publish(barn.next());
    await verifier.said(`unknown-device ${barn.kid}`);
    writeFileSync(`${registry}.new`, registryOf(shed, barn));
    renameSync(`${registry}.new`, registry);
    await verifier.said(`"barn" (${barn.kid}) enrolled`);
    await verifier.said('"sequence":2');
    await barn.publish(barn.next());
    await verifier.said('"sequence":3');
    const { lines, stderr } = await stop(verifier);
    // One line says that they wait, and each has its own when it is judged.
    expect(lines.map(({ sequence, verdict }) => `${sequence} ${verdict}`)).toEqual([
      "0 unknown-device",
      "0 ok",
      "1 ok",
      "2 ok",
      "3 ok",
    ]);
    expect(lines[1]).toMatchObject({ topic: barn.topic, broker: brokers[0].url });
    expect(stderr).toContain("4 frames: 4 ok; 1 devices");
  });

  test("one that is no registry is told once, and the old one stays; a device that is taken out is unknown", async () => {
    const [shed, barn] = [new Board("shed", 15), new Board("barn", 16)];
    const { words, registry, enrol } = setUp(shed, barn);
    const verifier = await listening(words);
    writeFileSync(registry, '{"network":');
    await verifier.said("stays in force");
    await shed.publish(shed.next());
    await verifier.said('"site":"shed"');
    enrol(barn);
    await verifier.said(`"shed" (${shed.kid}) no longer enrolled`);
    await shed.publish(shed.next());
    await verifier.said(`unknown-device ${shed.kid}`);
    enrol(shed, barn);
    await verifier.said('"sequence":1,"time":1795000000,"clock":2,"uptime":60,"bytes":159,"readings"');
    const { said, stderr } = await stop(verifier);
    expect(said).toEqual(["shed 0 ok", "undefined 1 unknown-device", "shed 1 ok"]);
    expect(stderr.match(/stays in force/g)).toHaveLength(1);
    expect(stderr).toContain("is not JSON");
  });

  test("another network's is not taken", async () => {
    const { words, registry } = setUp();
    const verifier = await listening(words);
    writeFileSync(registry, '{"network":"elsewhere","devices":[]}');
    await verifier.said('is of network "elsewhere" now, not of "demo". The registry that was read before');
    expect((await stop(verifier)).code).toBe(0);
  });

  test("with --out what waits survives the end of the process", async () => {
    const barn = new Board("barn", 17);
    const { words, out, enrol } = setUp();
    const first = await listening([...words, "--out", out]);
    for (let i = 0; i < 3; i++) await barn.publish(barn.next());
    await allJudged(first);
    await stop(first, "SIGKILL");
    enrol(barn);
    const second = await listening([...words, "--out", out]);
    await second.said('"sequence":2');
    expect((await stop(second)).said).toEqual(["barn 0 ok", "barn 1 ok", "barn 2 ok"]);
    const third = await listening([...words, "--out", out]);
    await barn.publish(barn.next());
    await third.said('"sequence":3');
    expect((await stop(third)).said).toEqual(["barn 3 ok"]);
  });

  test("a device that comes back after a restart has nothing twice", async () => {
    const barn = new Board("barn", 18);
    const { words, out, enrol } = setUp(barn);
    const first = await listening([...words, "--out", out]);
    const frames = [barn.next(), barn.next()];
    for (const frame of frames) await barn.publish(frame);
    await first.said('"sequence":1');
    await stop(first);
    enrol();
    const second = await listening([...words, "--out", out]);
    await barn.publish(frames[1] as Uint8Array);
    await barn.publish(barn.next());
    await allJudged(second);
    enrol(barn);
    await second.said('"sequence":2');
    expect((await stop(second)).said).toEqual(["undefined 1 unknown-device", "barn 2 ok"]);
  });

  test("the quarantine is bounded, and what is given up is said", async () => {
    const barn = new Board("barn", 19);
    const { words, enrol } = setUp();
    // Of 20 kB a device may have an eighth: 6 frames of some 160 bytes, each with 200 for itself.
    const verifier = await listening([...words, "--quarantine", "20kB"]);
    for (let i = 0; i < 10; i++) await barn.publish(barn.next());
    await allJudged(verifier);
    await verifier.said("gave up");
    enrol(barn);
    await verifier.said('"sequence":9');
    const { said, stderr } = await stop(verifier);
    expect(said).toEqual(["undefined 0 unknown-device", ...[4, 5, 6, 7, 8, 9].map((n) => `barn ${n} ok`)]);
    const given = [...stderr.matchAll(/gave up (\d+) frames/g)].reduce((sum, [, n]) => sum + Number(n), 0);
    expect(given).toBe(4);
  });
});

test("what does not come is said: a silent board, and a broker that is not there, more than once", async () => {
  const pole = new Board("pole", 20, 1);
  const { words } = setUp(pole);
  const verifier = start([...words, "--broker", "mqtt://127.0.0.1:1"]);
  await verifier.said(`"pole" (${pole.kid}) is silent`);
  await pole.publish(pole.next());
  await verifier.said(`"pole" (${pole.kid}) is back`);
  await verifier.said("mqtt://127.0.0.1:1: not reached for 15 s (");
  const { code, stderr } = await stop(verifier);
  expect(code).toBe(0);
  expect(stderr.match(/is silent/g)).toHaveLength(1);
});

test("what the broker lost is told from what the board left out, and from what the board still has", async () => {
  // It acknowledges what is longer, and hands it to nobody (mosquitto.conf(5)).
  const lossy = await startMosquitto({ config: { message_size_limit: 400 } });
  const client = await connectAsync(lossy.url);
  const [roof, yard, shed] = [new Board("roof", 21), new Board("yard", 22), new Board("shed", 23)];
  const { registry } = setUp(roof, yard, shed);
  const verifier = await listening(["verify", "--broker", lossy.url, "--registry", registry, "--json"]);
  const say = (board: Board, status: object | string) =>
    client.publishAsync(
      statusTopic(TEST_NETWORK, board.kid),
      typeof status === "string" ? status : JSON.stringify({ ...STATUS, ...status }),
      { qos: 1, retain: true },
    );
  try {
    for (const board of [roof, yard, shed]) {
      await board.publish(board.next(), client);
      for (let i = 0; i < 2; i++) await board.publish(board.next({}, MANY), client);
      await board.publish(board.next(), client);
    }
    await say(roof, {});
    await say(shed, { queue: 4, oldest: 180 });
    for (const rubbish of ["", "[", '{"state":"online","boot":1e99}']) await say(yard, rubbish);
    await verifier.said(
      `"roof" (${roof.kid}): 2 frames (boot 1, 1 to 2) are missing that the board says its brokers took`,
    );
    // Its gap is given up; else the frame that waits would be explained by the next one, and there would be no gap.
    await verifier.said(`no loss is declared","device":"${yard.entry.did}"`);
    await yard.publish(yard.next({ dropped: [{ boot: 1, first: 1, last: 2 }] }), client);
    await verifier.said(
      `"yard" (${yard.kid}): 2 frames (boot 1, 1 to 2) are missing that the board left out: it declared the loss in boot 1, 4`,
    );
    await verifier.said(
      `"shed" (${shed.kid}): 2 frames (boot 1, 1 to 2) are missing. The board says that it still has frames from then: 4 wait`,
    );
    const { said, stderr } = await stop(verifier);
    expect([...said].sort()).toEqual([
      "roof 0 ok",
      "roof 3 broken-chain",
      "shed 0 ok",
      "shed 3 broken-chain",
      "yard 0 ok",
      "yard 3 broken-chain",
      "yard 4 ok",
    ]);
    expect(stderr.match(/ missing/g)).toHaveLength(3);
    const summary = JSON.parse(stderr.trim().split("\n").at(-1) as string);
    expect(summary.gaps).toEqual({ lost: 1, leftOut: 1, queued: 1, unknown: 0 });
  } finally {
    await client.endAsync();
    await lossy.stop();
  }
});

/** Of a board that has delivered everything, later than its frames here. */
const STATUS = {
  state: "online",
  boot: 1,
  uptime: 200,
  queue: 0,
  oldest: 0,
  brokers: [],
  dropped: 0,
  flash: 0,
};
const MANY = Array.from({ length: 30 }, (_, i) => reading(`temperature-${i}`));
