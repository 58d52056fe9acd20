import { expect, test } from "@jest/globals";
import { connectAsync } from "mqtt";
import { MAX_INBOX_BYTES } from "../../agent/settings/broker.js";
import { createMqttLink } from "../../host-sim/ports/link.js";
import { parseBrokerUrl } from "../../network/broker-address.js";
import { startMosquitto } from "../support/mosquitto.js";

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

test("an inbox gets what is published on its topic, also what was retained before, and nothing else", async () => {
  const broker = await startMosquitto();
  const sender = await connectAsync(broker.url);
  await sender.publishAsync("to/me", "before", { qos: 1, retain: true });
  const received: string[] = [];
  let all = () => {};
  const done = new Promise<void>((resolve) => {
    all = resolve;
  });
  const inbox = {
    topic: "to/me",
    received(payload: Uint8Array) {
      received.push(Buffer.from(payload).toString());
      if (received.at(-1) === "after") all();
    },
    passedOver: (bytes: number) => void received.push(`${bytes} bytes`),
  };
  const link = createMqttLink(parseBrokerUrl(broker.url), "reader", 5, undefined, inbox);
  await new Promise<void>((opened) => link.open({ opened, acknowledged() {}, refused() {}, closed() {} }));
  await sender.publishAsync("to/you", "other", { qos: 1 });
  await sender.publishAsync("to/me", Buffer.alloc(MAX_INBOX_BYTES + 1), { qos: 1 });
  await sender.publishAsync("to/me", "", { qos: 1, retain: true });
  await sender.publishAsync("to/me", "after", { qos: 1 });
  await done;
  link.close();
  await sender.endAsync();
  await broker.stop();
  expect(received).toEqual(["before", "1025 bytes", "", "after"]);
});
