import { writeFileSync } from "node:fs";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { connectAsync, type MqttClient } from "mqtt";
import { parser as mqttParser, type Packet } from "mqtt-packet";
import { commandTopic, eventTopic, statusTopic } from "../../agent/frame/topic.js";
import { writeCommand } from "../../agent/provision/command.js";
import { readStatement } from "../../agent/provision/read-statement.js";
import { readKeyFile } from "../../node/key-file.js";
import { createSigner, signatureChecker } from "../../node/ports/signer.js";
import { type Plugged, plug, SSID, WIFI_PASSWORD } from "../host-sim/virtual-board/commissioned/board.js";
import { run, start, temporaryFolder } from "../support/cli.js";
import { type Mosquitto, startMosquitto } from "../support/mosquitto.js";

const folder = temporaryFolder();
const path = (name: string) => join(folder, name);
const CHALLENGE = new Uint8Array(16);

let broker: Mosquitto;
let reader: MqttClient;
let board: Plugged;
let device: string;

beforeAll(async () => {
  await run(["keygen", path("owner.json")]);
  await run(["keygen", path("thief.json")]);
  writeFileSync(path("change.json"), '{"readings": 3}');
  writeFileSync(path("wrong.json"), '{"redings": 3}');
  broker = await startMosquitto();
  // Who takes the board's frames: a broker that says that nobody does is left, and tried again later (docs/architecture.md).
  reader = await connectAsync(broker.url);
  await reader.subscribeAsync("fieldmark/1/demo/+/frame", { qos: 1 });
  board = plug();
  const { client } = board;
  await client.wifi(SSID, WIFI_PASSWORD);
  await client.settings({ brokers: [{ host: "127.0.0.1", port: broker.port }] });
  await client.owner(createSigner(readKeyFile(path("owner.json"))).publicKey);
  await client.restart();
  await client.identity(CHALLENGE);
  await board.seen((event) => event.type === "link-opened");
  const booted = board.events.find((event) => event.type === "booted");
  device = booted?.type === "booted" ? booted.device : "";
});

afterAll(async () => {
  board.client.close();
  board.board.stop();
  await reader.endAsync();
  await broker.stop();
});

const order = (...words: readonly string[]) =>
  run(["order", ...words, "--device", device, "--broker", broker.url, "--json"]);
const OWNER = ["--owner-key", path("owner.json")];
const THIEF = ["--owner-key", path("thief.json")];
/** What the broker keeps for the board. */
async function waiting(): Promise<Buffer | undefined> {
  const client = await connectAsync(broker.url);
  const kept = new Promise<Buffer>((resolve) => client.on("message", (_topic, payload) => resolve(payload)));
  await client.subscribeAsync(commandTopic("demo", device), { qos: 1 });
  // A broker answers in order: what is retained comes before this.
  const mark = `mark/${device}`;
  await client.subscribeAsync(mark, { qos: 1 });
  await client.publishAsync(mark, "x", { qos: 1 });
  const first = await kept;
  await client.endAsync();
  return first.toString() === "x" ? undefined : first;
}
/** Boots that the board has had since it was plugged in. */
const boots = () => board.events.filter(({ type }) => type === "booted").length;
const restarted = async (count: number) => {
  await board.seen(() => boots() >= count);
  await board.seen(() => latest("link-opened") > latest("booted"));
};
const latest = (type: string) => board.events.map((event) => event.type as string).lastIndexOf(type);

describe("an order", () => {
  test("of the owner is obeyed: settings change, the board says so and starts again", async () => {
    const before = boots();
    const { code, stdout, stderr } = await order("settings", path("change.json"), ...OWNER);
    expect(stderr).toBe("");
    expect(JSON.parse(stdout)).toMatchObject({
      device,
      verb: "settings",
      outcome: expect.stringMatching(/^(obeyed|on-trial)$/),
      reason: "",
      brokers: [broker.url],
      retained: [broker.url],
    });
    expect(code).toBe(0);
    await restarted(before + 1);
  });

  test("is obeyed once, though the broker gives it again at each start", async () => {
    await board.seen((event) => event.type === "command" && event.outcome.type === "repeated");
    const before = boots();
    const { code, stdout } = await order("restart", ...OWNER);
    expect([code, JSON.parse(stdout)]).toMatchObject([0, { outcome: "obeyed", verb: "restart" }]);
    await restarted(before + 1);
    expect(boots()).toBe(before + 1);
  });

  test("that the board refuses is answered with the reason, and ends with 1", async () => {
    // Right for any board, and wrong for this one: its firmware has no such driver.
    writeFileSync(
      path("driver.json"),
      '{"sensors": [{"kind": "no-such", "interval": 1000, "channels": []}]}',
    );
    const { code, stdout } = await order("settings", path("driver.json"), ...OWNER);
    expect(JSON.parse(stdout)).toMatchObject({
      outcome: "refused",
      reason: expect.stringContaining("sensors[0]"),
    });
    expect(code).toBe(1);
  });

  test("of somebody else is not sent, since the board has signed who its owner is", async () => {
    const kept = await waiting();
    const { code, stdout, stderr } = await order("restart", ...THIEF);
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(/has signed that its owner's key is [0-9a-f]{16}, and this key is [0-9a-f]{16}/);
    expect(kept).toBeDefined();
    expect(await waiting()).toEqual(kept);
  });

  test("of somebody else that is sent all the same is refused", async () => {
    const before = boots();
    const { code, stdout } = await order("restart", ...THIEF, "--force");
    expect(JSON.parse(stdout)).toMatchObject({
      outcome: "refused",
      reason: "another key than its owner's has signed it",
    });
    expect(code).toBe(1);
    expect(boots()).toBe(before);
  });

  test("is removed with --clear, which harms no board, and says where there is none", async () => {
    expect(await waiting()).toBeDefined();
    const first = await order("--clear");
    expect([first.code, JSON.parse(first.stdout)]).toEqual([0, { device, cleared: [broker.url] }]);
    expect(await waiting()).toBeUndefined();
    const second = await run(["order", "--clear", "--device", device, "--broker", broker.url]);
    expect([second.code, second.stdout]).toEqual([0, `no order waits for ${device}\n`]);
    const { code } = await order("restart", ...OWNER);
    expect(code).toBe(0);
  });

  test("for a device that nobody has heard of is warned of, and its silence told", async () => {
    const id = "00112233445566aa";
    const args = ["order", "restart", "--device", id, "--broker", broker.url, "--wait", "1s"];
    const { code, stdout, stderr } = await run([...args, ...OWNER]);
    expect(code).toBe(1);
    expect(stderr).toContain(`nobody has heard of ${id}`);
    expect(stdout).toMatch(/did not answer within 1 s; the order waits at mqtt:.*when it connects there/);
    // One of another key does not take its place, as nobody can say which is right.
    const other = await run([...args, ...THIEF]);
    expect(other.code).toBe(1);
    expect(other.stderr).toMatch(/an order of another key, [0-9a-f]{16}, waits there/);
    // One of the same key does, with a word.
    expect((await run([...args, ...OWNER])).stderr).toMatch(
      /an order of yours, restart, number 1, is not answered yet/,
    );
  });

  test.each([
    ["settings that there are not", ["settings", path("wrong.json")], "redings: there is no such setting"],
    ["no file of settings", ["settings"], "name a file with those that change"],
    ["a file for a restart", ["restart", path("change.json")], "restart takes no file"],
    ["a reset that nobody meant", ["reset"], "if that is meant: --confirm"],
    ["nothing", [], "name what to do"],
    ["a verb to clear", ["restart", "--clear"], "leave the verb away"],
  ])("%s: refused before anything is sent", async (_name, words, said) => {
    const { code, stderr } = await order(...words, ...OWNER);
    expect(stderr).toContain(said);
    expect(code).toBe(2);
  });
});

describe("a broker", () => {
  const ID = "00112233445566bb";
  const give = (url: string, ...more: string[]) =>
    run(["order", "restart", "--device", ID, "--broker", url, ...OWNER, "--wait", "2s", ...more]);

  test("that is not there is named, with the reason", async () => {
    const { code, stderr, stdout } = await give("mqtt://127.0.0.1:1");
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toContain("mqtt://127.0.0.1:1: connect ECONNREFUSED");
  });

  test("that refuses what this user publishes: the order is not said to wait there", async () => {
    writeFileSync(path("acl.txt"), "topic read #\n");
    const strict = await startMosquitto({ config: { acl_file: path("acl.txt") } });
    const { code, stderr } = await give(strict.url);
    expect(code).toBe(1);
    expect(stderr).toContain("the broker refused the order: not authorized");
    await strict.stop();
  });

  test("that lets this user read nothing: no answer, and that is why", async () => {
    writeFileSync(path("blind.txt"), "topic write #\n");
    const blind = await startMosquitto({ config: { acl_file: path("blind.txt") } });
    const { code, stdout } = await give(blind.url);
    expect(code).toBe(1);
    expect(stdout).toContain("did not give the order back");
    await blind.stop();
  });

  test.each([
    ["before it takes the session", 0, "the broker closed the connection before it took the session"],
    ["after it took the session", 1, "the broker ended the connection, and did not say why"],
    ["when it has the order", 5, "it had taken the order before, and the board's answer is not known"],
  ])("that hangs up %s is told of, never an exit without a word", async (_name, packets, said) => {
    const rude = await startRude(packets);
    const { code, stdout, stderr } = await give(rude.url);
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toContain(said);
    await rude.stop();
  });

  test("that does not answer is not waited for without end, and Ctrl-C is answered", async () => {
    const rude = await startRude(Number.POSITIVE_INFINITY, false);
    const waiting = start(["order", "restart", "--device", ID, "--broker", rude.url, ...OWNER]);
    await rude.reached;
    waiting.process.kill("SIGINT");
    const { code, stderr } = await waiting.finished;
    expect(code).toBe(1);
    expect(stderr).toContain("interrupted");
    await rude.stop();
  });

  test("of two, one is enough; the other is named", async () => {
    const { code, stderr, stdout } = await give(broker.url, "--broker", "mqtt://127.0.0.1:1");
    expect(code).toBe(1); // there is no such board
    expect(stderr).toContain("mqtt://127.0.0.1:1: connect ECONNREFUSED");
    expect(stdout).toContain(`the order waits at ${broker.url}`);
  });
});

describe("what the board has signed is believed, and nothing else", () => {
  const topic = (of: typeof commandTopic) => of("demo", device);
  /** Whose the board is, by its own signed word. */
  async function ownership(): Promise<Uint8Array> {
    const { statement } = await board.client.identity(CHALLENGE);
    return readStatement(statement, signatureChecker).ownership;
  }

  test("counters go on from the board's, also where no broker keeps its word, and its status lies", async () => {
    const kid = new Uint8Array(Buffer.from(device, "hex"));
    const until = Math.floor(Date.now() / 1000) + 60;
    const rest = { ownership: await ownership(), counter: 900, until, verb: "restart", body: "" } as const;
    const owner = createSigner(readKeyFile(path("owner.json")));
    const payload = Buffer.from(writeCommand({ network: "demo", kid, ...rest }, owner));
    const before = boots();
    await reader.publishAsync(topic(commandTopic), payload, { qos: 1, retain: true });
    await restarted(before + 1);
    for (const kept of [topic(commandTopic), topic(eventTopic)])
      await reader.publishAsync(kept, "", { qos: 1, retain: true });
    const lie = JSON.stringify({ state: "online", owner: "00".repeat(8), ownership: "00".repeat(8) });
    await reader.publishAsync(topic(statusTopic), lie, { qos: 1, retain: true });

    const { code, stdout, stderr } = await order("restart", ...OWNER);
    expect([code, JSON.parse(stdout)]).toMatchObject([0, { outcome: "obeyed", counter: 901 }]);
    expect(stderr).toContain("which nobody has signed, names another owner's key");
    await restarted(before + 2);
  });
});

/** A broker that answers so many packets, in MQTT 5, and then hangs up; `answers` false: it says nothing at all. */
async function startRude(packets: number, answers = true) {
  const sockets = new Set<Socket>();
  let reach = () => {};
  const reached = new Promise<void>((resolve) => {
    reach = resolve;
  });
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    reach();
    let left = packets;
    const parser = mqttParser({ protocolVersion: 5 });
    parser.on("packet", (packet) => {
      if (!answers) return;
      if (left-- > 0) socket.write(answerTo(packet));
      if (left <= 0) socket.end();
    });
    socket.on("data", (data) => parser.parse(data));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `mqtt://127.0.0.1:${port}`,
    reached,
    stop: () =>
      new Promise<void>((resolve) => {
        for (const socket of sockets) socket.destroy();
        server.close(() => resolve());
      }),
  };
}

function answerTo({ cmd, messageId = 0 }: Packet): Buffer {
  const high = messageId >> 8;
  if (cmd === "connect") return Buffer.of(0x20, 3, 0, 0, 0);
  if (cmd === "subscribe") return Buffer.of(0x90, 4, high, messageId, 0, 1);
  return Buffer.of(0x40, 2, high, messageId);
}
