import { expect, test } from "@jest/globals";
import { connectAsync } from "mqtt";
import { commandTopic, eventTopic } from "../../../agent/frame/topic.js";
import { parseBrokerUrl } from "../../../node/mqtt/broker-address.js";
import { OrderSession } from "../../../node/provision/order-session.js";
import { startMosquitto } from "../../support/mosquitto.js";
import { retainLong } from "../../support/retain-long.js";

test("what anybody has retained on a board's topics costs the owner its bytes alone", async () => {
  const broker = await startMosquitto();
  const stranger = await connectAsync(broker.url);
  const [network, device] = ["demo", "0011223344556677"];
  const LONG = 100_000_000;
  await retainLong(broker.port, commandTopic(network, device), LONG);
  await stranger.publishAsync(eventTopic(network, device), "said", { qos: 1, retain: true });
  const before = process.memoryUsage().arrayBuffers;
  let most = 0;
  const measure = setInterval(() => {
    most = Math.max(most, process.memoryUsage().arrayBuffers - before);
  }, 1);
  const session = await OrderSession.open({
    broker: parseBrokerUrl(broker.url),
    network,
    device,
    received() {},
  });
  await session.listen();
  expect([session.retained.event?.toString(), session.retained.command]).toEqual(["said", undefined]);
  // The owner's order takes its place.
  await session.publish(Uint8Array.of(1, 2, 3));
  expect(await session.look()).toEqual(Buffer.of(1, 2, 3));
  clearInterval(measure);
  expect(most).toBeLessThan(LONG / 2);
  await session.end();
  await stranger.endAsync();
  await broker.stop();
});
