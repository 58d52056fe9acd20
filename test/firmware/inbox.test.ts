import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "@jest/globals";
import { connectAsync } from "mqtt";
import { MAX_PAYLOAD } from "../../firmware/ports/packet-filter.js";
import { temporaryFolder } from "../support/cli.js";
import { type Mosquitto, startMosquitto } from "../support/mosquitto.js";
import { BUILD_TIMEOUT, buildFirmware, Device, describeWithSdk } from "./sdk.js";
import { CONNACK, type Interloper, startHostileBroker } from "./tampering.js";

const TOPIC = "fieldmark/1/demo/0011223344556677/command";

/** A PUBLISH of MQTT 3.1.1 at QoS 1. */
function publication(topic: string, payload: Buffer): Buffer {
  const length = 2 + topic.length + 2 + payload.length;
  const head = length < 128 ? [length] : [(length & 0x7f) | 0x80, length >> 7];
  return Buffer.concat([
    Buffer.of(0x32, ...head, topic.length >> 8, topic.length & 0xff),
    Buffer.from(topic),
    Buffer.of(0, 1),
    payload,
  ]);
}

describeWithSdk("a link with an inbox, on the SDK's client", () => {
  const running: Device[] = [];
  const hostile: Interloper[] = [];
  let mosquitto: Mosquitto;

  beforeAll(async () => {
    await buildFirmware("conformance");
    mosquitto = await startMosquitto();
  }, BUILD_TIMEOUT);
  afterEach(async () => {
    for (const device of running.splice(0)) await device.kill("SIGKILL");
  });
  afterAll(async () => {
    await Promise.all([...hostile.map((one) => one.close()), mosquitto.stop()]);
  });

  function startDevice(port: number): Device {
    const home = temporaryFolder();
    writeFileSync(join(home, "inbox.json"), JSON.stringify({ port, topic: TOPIC }));
    const device = new Device("conformance", home);
    running.push(device);
    return device;
  }

  const received = (device: Device) =>
    device.events.filter(({ type }) => type === "received").map(({ payload }) => payload);

  test("gets what is retained, then what comes, of any length up to the longest, while it publishes", async () => {
    const owner = await connectAsync(mosquitto.url);
    const sent = [1, 2, 127, 128, 500, MAX_PAYLOAD - 1, MAX_PAYLOAD].map((length, i) =>
      Buffer.alloc(length, i + 1),
    );
    await owner.publishAsync(TOPIC, sent[0] as Buffer, { qos: 1, retain: true });
    const device = startDevice(mosquitto.port);
    await device.event("received");
    for (const [i, payload] of sent.slice(1).entries())
      await owner.publishAsync(TOPIC, payload, { qos: i % 2 === 0 ? 1 : 0 });
    await device.until(() => received(device).length === sent.length && device.count("acknowledged") === 5);
    expect(received(device)).toEqual(sent.map((payload) => payload.toString("hex")));
    expect(device.count("link-closed")).toBe(0);
    await owner.endAsync();
  });

  test("passes over what is empty or too long, retained too, and its session goes on", async () => {
    const owner = await connectAsync(mosquitto.url);
    await owner.publishAsync(TOPIC, Buffer.alloc(3_000_000, 7), { qos: 1, retain: true });
    const device = startDevice(mosquitto.port);
    await device.event("passed-over");
    for (let i = 0; i < 80; i++) await owner.publishAsync(TOPIC, "", { qos: 1, retain: true });
    for (const length of [MAX_PAYLOAD + 1, 2048, 70_000])
      await owner.publishAsync(TOPIC, Buffer.alloc(length), { qos: length === 2048 ? 1 : 0 });
    await owner.publishAsync(TOPIC, "order", { qos: 1 });
    await device.event("received");
    expect(received(device)).toEqual([Buffer.from("order").toString("hex")]);
    // What is sent at QoS 0 may overtake what waits at the broker to be acknowledged.
    const lengths = device.events.flatMap(({ type, bytes }) =>
      type === "passed-over" ? [Number(bytes)] : [],
    );
    expect(lengths.sort((a, b) => a - b)).toEqual([MAX_PAYLOAD + 1, 2048, 70_000, 3_000_000]);
    await device.until(() => device.count("acknowledged") === 5);
    expect(device.count("link-closed")).toBe(0);
    await owner.endAsync();
  });

  test("is read where it comes in pieces, and many at once", async () => {
    const one = publication(TOPIC, Buffer.from("order"));
    const answer = Buffer.concat([CONNACK, Buffer.of(0x90, 3, 0, 1, 1), ...new Array(40).fill(one)]);
    const broker = await startHostileBroker(answer, 7);
    hostile.push(broker);
    const device = startDevice(broker.port);
    await device.until(() => received(device).length === 40 && device.count("acknowledged") === 5);
    expect(new Set(received(device))).toEqual(new Set([Buffer.from("order").toString("hex")]));
    expect(device.count("link-closed")).toBe(0);
  });

  const topicOf = (text: string) =>
    Buffer.of(0x30, 2 + text.length + 1, 0, text.length, ...Buffer.from(text), 1);

  test("passes over what is malformed, and what it has not asked for, and its session goes on", async () => {
    const forms = [
      publication(`${TOPIC.slice(0, -1)}e`, Buffer.of(1)), // another topic as long
      Buffer.of(0x30, 4, 0xff, 0xff, 0, 0), // a topic that is longer than the packet
      Buffer.of(0x32, 0),
      Buffer.of(0x32, 1, 0),
      topicOf("fieldmark"),
      Buffer.of(0x34, 3, 0, 1, 0x78), // QoS 2
      Buffer.of(0x36, 3, 0, 1, 0x78), // QoS 3
      publication(TOPIC, Buffer.alloc(0)),
    ];
    const order = publication(TOPIC, Buffer.from("order"));
    const all = forms.flatMap((form) => [form, order]);
    const broker = await startHostileBroker(Buffer.concat([CONNACK, Buffer.of(0x90, 3, 0, 1, 1), ...all]), 3);
    hostile.push(broker);
    const device = startDevice(broker.port);
    await device.until(() => received(device).length === forms.length && device.count("acknowledged") === 5);
    expect(device.count("link-closed")).toBe(0);
  });

  test.each<[string, Buffer, string]>([
    ["of a length in five bytes", Buffer.of(0x32, 0xff, 0xff, 0xff, 0xff), "a packet of too many bytes"],
    ["and SUBACK without end", Buffer.of(0x90, 0xff, 0xff, 0x7f), "a packet of too many bytes"],
  ])("a publication %s: the session ends, and the next is good", async (_, packet, reason) => {
    const broker = await startHostileBroker(Buffer.concat([CONNACK, packet]));
    hostile.push(broker);
    const device = startDevice(broker.port);
    expect((await device.event("link-closed")).reason).toContain(reason);
    await device.until(() => device.count("acknowledged") >= 5);
    expect(device.count("link-closed")).toBe(1);
    expect(await device.kill("SIGTERM")).toBe(0);
  });

  test("a publication before the session: it ends, and nothing is received", async () => {
    const broker = await startHostileBroker(publication(TOPIC, Buffer.of(1)));
    hostile.push(broker);
    const device = startDevice(broker.port);
    expect((await device.event("link-closed")).reason).toContain("before CONNACK");
    expect(received(device)).toEqual([]);
  });
});
