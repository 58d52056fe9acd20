import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { connectAsync } from "mqtt";
import { createFrameChecker } from "../../agent/frame/check.js";
import { didOfKey } from "../../agent/frame/identity.js";
import { commandTopic, eventTopic } from "../../agent/frame/topic.js";
import { type CommandVerb, writeCommand } from "../../agent/provision/command.js";
import { readOutcome } from "../../agent/provision/read-outcome.js";
import { readStatement } from "../../agent/provision/read-statement.js";
import { createSigner, signatureChecker } from "../../node/ports/signer.js";
import { openSerial } from "../../node/serial/serial-wire.js";
import { BoardClient } from "../../provision/board-client.js";
import type { Wire } from "../../provision/wire.js";
import { temporaryFolder } from "../support/cli.js";
import { type Mosquitto, startMosquitto } from "../support/mosquitto.js";
import { Cable } from "./cable.js";
import { BUILD_TIMEOUT, buildFirmware, type ConsoleEvent, Device, describeWithSdk, writeKey } from "./sdk.js";

const NETWORK = "ridge";
const PASSWORD = "a-password-of-a-broker";
const board = createSigner(new Uint8Array(32).fill(7));
const owner = createSigner(new Uint8Array(32).fill(8));
const stranger = createSigner(new Uint8Array(32).fill(9));

describeWithSdk("the sim firmware, provisioned over its serial port", () => {
  const home = temporaryFolder();
  let mosquitto: Mosquitto;
  let cable: Cable;
  let device: Device;
  let wire: Wire;
  let client: BoardClient;

  beforeAll(async () => {
    await buildFirmware("sim");
    mosquitto = await startMosquitto();
    cable = await Cable.lay();
    writeKey(home, new Uint8Array(32).fill(7));
    writeFileSync(join(home, "settings.json"), JSON.stringify({ serial: cable.device, copies: 1 }));
    device = new Device("sim", home);
    await device.event("provisioning-open");
    wire = await openSerial(cable.tool);
    client = new BoardClient(wire);
  }, BUILD_TIMEOUT);

  afterAll(async () => {
    client.close();
    await wire.close();
    await device.kill("SIGKILL");
    await cable.cut();
    await mosquitto.stop();
  });

  /** Of the boot that runs. */
  const last = (type: string) => device.events.filter((event) => event.type === type).at(-1);
  const booted = () => last("booted");
  const boots = () => device.count("booted");

  async function statement() {
    const challenge = Uint8Array.from(randomBytes(32));
    const answer = await client.identity(challenge);
    expect(answer).toMatchObject({ did: didOfKey(board.publicKey), publicKey: board.publicKey });
    const read = readStatement(answer.statement, signatureChecker);
    expect(read.challenge).toEqual(challenge);
    return read;
  }

  test("says what it is, over a challenge, and who hears it", async () => {
    await device.event("network-up");
    expect(await client.state()).toEqual({ state: "provisioned" });
    expect(await client.info()).toMatchObject({ firmware: "fieldmark", version: "0.1.0", chip: "Linux" });
    expect(await client.scan()).toEqual([{ ssid: "machine", rssi: -1, isSecured: false }]);
    expect(await statement()).toMatchObject({ model: "sim", network: "demo" });
    expect(await client.setClock(Date.now() + 1e9)).toBe(2); // set already, by the machine
  });

  test("settings that are wrong change nothing, and the answer repeats none of them", async () => {
    const wrong = { brokers: [{ host: 7, password: PASSWORD }] };
    await expect(client.settings(wrong)).rejects.toMatchObject({
      code: "refused",
      message: "brokers[0].host: it is not a text",
    });
    expect(await client.wifi("field", "radio-password")).toBeUndefined();
    const stored = JSON.parse(readFileSync(join(home, "store-settings"), "utf8")) as unknown;
    expect(stored).toEqual({ wifi: { ssid: "field", password: "radio-password" } });
  });

  test("settings, owner and name are kept, and count after a restart", async () => {
    const brokers = [{ host: "127.0.0.1", port: mosquitto.port, user: "board", password: PASSWORD }];
    await client.settings({ network: NETWORK, brokers, age: 1000 });
    await client.owner(owner.publicKey);
    expect(await client.name("Grat 7")).toBe("Grat 7");
    const before = Number(booted()?.boot);
    await client.restart();
    expect(booted()).toMatchObject({ boot: before + 1, reset: "software" });
    expect(await client.name()).toBe("Grat 7");
    expect(await statement()).toMatchObject({ network: NETWORK });
    await device.event("link-opened");
  });

  test("one reading, now, which a verifier takes", async () => {
    const frame = await client.reading();
    const enrolment = { network: NETWORK, publicKey: () => board.publicKey };
    const result = createFrameChecker(enrolment, signatureChecker).check(frame);
    expect(result).toMatchObject({ frame: { boot: booted()?.boot } });
  });

  test("the owner's order is obeyed once; a stranger's and an old one are not", async () => {
    const { kid, network, ownership } = await statement();
    const until = Math.floor(Date.now() / 1000) + 3600;
    const order = (signer: typeof owner, counter: number, verb: CommandVerb, body = "") =>
      Buffer.from(writeCommand({ network, kid, ownership, counter, until, verb, body }, signer));
    const topic = commandTopic(NETWORK, Buffer.from(kid).toString("hex"));
    const publisher = await connectAsync(mosquitto.url);
    /** Retained: the device may not have subscribed yet. */
    const outcome = async (payload: Buffer) => {
      const from = device.events.length;
      await publisher.publishAsync(topic, payload, { qos: 1, retain: true });
      return (await device.event("command", from)).outcome;
    };
    const settings = order(owner, 5, "settings", '{"age":2000}');
    const damaged = Buffer.from(settings);
    damaged[damaged.length - 1] = (damaged.at(-1) as number) ^ 1;
    const said: string[] = [];
    publisher.on("message", (_topic, payload) => {
      const { outcome: word, signed } = readOutcome(payload, signatureChecker);
      said.push(`${word} ${signed?.counter}`);
    });
    await publisher.subscribeAsync(eventTopic(NETWORK, Buffer.from(kid).toString("hex")), { qos: 1 });
    const refused = (reason: string) => ({ type: "refused", reason });
    expect(await outcome(damaged)).toEqual(refused("the signature is not this key's"));
    expect(await outcome(order(stranger, 6, "restart"))).toEqual(
      refused("another key than its owner's has signed it"),
    );
    const before = boots();
    expect(await outcome(settings)).toEqual({ type: "on-trial", counter: 5, verb: "settings" });
    await device.until(() => boots() === before + 1);
    const start = device.events.lastIndexOf(booted() as ConsoleEvent);
    // The broker still has it, and says it again.
    expect((await device.event("command", start)).outcome).toMatchObject({ type: "repeated", counter: 5 });
    await device.event("settings-kept", start);
    await publisher.endAsync();
    expect(JSON.parse(readFileSync(join(home, "store-settings"), "utf8"))).toMatchObject({ age: 2000 });
  });

  test("a reset forgets all but the identity, and the frames that wait", async () => {
    const { did } = await statement();
    await mosquitto.stop();
    await client.reading();
    expect(await client.reset(`ERASE ${booted()?.device as string}`)).toBeGreaterThan(0);
    expect(last("recovered")).toMatchObject({ pending: 0 });
    expect(await statement()).toMatchObject({ did, network: "demo" });
    expect(await client.name()).not.toBe("Grat 7");
  });

  test("no secret stood in what it said", () => {
    expect(device.lines.join("\n")).not.toMatch(/a-password-of-a-broker|radio-password|0707070707/);
  });
});
