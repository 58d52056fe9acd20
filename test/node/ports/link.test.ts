import { expect, test } from "@jest/globals";
import { connectAsync } from "mqtt";
import { MAX_INBOX_BYTES } from "../../../agent/settings/broker.js";
import { parseBrokerUrl } from "../../../node/mqtt/broker-address.js";
import { createMqttLink } from "../../../node/ports/link.js";
import { startMosquitto } from "../../support/mosquitto.js";
import { retainLong } from "../../support/retain-long.js";

test("a publication after the session's end is nobody's: boards on XS hear of it later than they may publish", async () => {
  const broker = await startMosquitto();
  const link = createMqttLink(parseBrokerUrl(broker.url), "late");
  let closed = () => {};
  const over = new Promise<void>((resolve) => {
    closed = resolve;
  });
  const acknowledged: number[] = [];
  await new Promise<void>((resolve) =>
    link.open({
      opened: resolve,
      acknowledged: (id) => acknowledged.push(id),
      refused() {},
      closed: () => closed(),
    }),
  );
  await broker.stop();
  await over;
  expect(() => link.publish(1, "a", Uint8Array.of(1), false)).not.toThrow();
  link.close();
  expect(acknowledged).toEqual([]);
});

test.each([5, 4] as const)(
  "an inbox gets what is published on its topic, also what was retained before, and nothing else: MQTT version %i",
  async (version) => {
    const broker = await startMosquitto();
    const sender = await connectAsync(broker.url);
    await sender.publishAsync("to/me", "before", { qos: 1, retain: true });
    const received: string[] = [];
    let all = () => {};
    const done = new Promise<void>((resolve) => {
      all = resolve;
    });
    const inbox = {
      topics: ["to/me", "to/us"],
      received(payload: Uint8Array) {
        received.push(Buffer.from(payload).toString());
        if (received.at(-1) === "after") all();
      },
      passedOver: (bytes: number) => void received.push(`${bytes} bytes`),
    };
    const link = createMqttLink(parseBrokerUrl(broker.url), "reader", version, undefined, inbox);
    await new Promise<void>((opened) => link.open({ opened, acknowledged() {}, refused() {}, closed() {} }));
    await sender.publishAsync("to/you", "other", { qos: 1 });
    await sender.publishAsync("to/me", Buffer.alloc(MAX_INBOX_BYTES + 1), { qos: 1 });
    await sender.publishAsync("to/me", Buffer.alloc(3_000_000), { qos: 1 });
    await sender.publishAsync("to/me", Buffer.alloc(65_536), { qos: 0 });
    await sender.publishAsync("to/me", "", { qos: 1, retain: true });
    await sender.publishAsync("to/us", "ours", { qos: 1 });
    await sender.publishAsync("to/me", "after", { qos: 1 });
    await done;
    link.close();
    await sender.endAsync();
    await broker.stop();
    expect(received).toEqual(["before", "1025 bytes", "3000000 bytes", "65536 bytes", "", "ours", "after"]);
  },
);

test.each([5, 4] as const)(
  "200 MB retained on its topic cost a board on Node their bytes alone: MQTT version %i",
  async (version) => {
    const broker = await startMosquitto();
    const LONG = 200_000_000;
    await retainLong(broker.port, "to/me", LONG);
    const before = process.memoryUsage().arrayBuffers;
    let most = 0;
    let passed = (_: number) => {};
    const passedOver = new Promise<number>((resolve) => {
      passed = resolve;
    });
    const measure = setInterval(() => {
      most = Math.max(most, process.memoryUsage().arrayBuffers - before);
    }, 1);
    const inbox = { topics: ["to/me"], received() {}, passedOver: (bytes: number) => passed(bytes) };
    const link = createMqttLink(parseBrokerUrl(broker.url), "reader", version, undefined, inbox);
    const acknowledged = new Promise<number>((resolve) => {
      const opened = () => link.publish(7, "from/me", Uint8Array.of(1), false);
      link.open({ opened, acknowledged: resolve, refused: resolve, closed() {} });
    });
    expect([await passedOver, await acknowledged]).toEqual([LONG, 7]);
    clearInterval(measure);
    expect(most).toBeLessThan(LONG / 2);
    link.close();
    await broker.stop();
  },
);
