import { createConnection } from "node:net";
import { afterEach, expect, test } from "@jest/globals";
import { connect, connectAsync, type MqttClient } from "mqtt";
import { type Mosquitto, type MosquittoOptions, startMosquitto } from "./mosquitto.js";

const brokers: Mosquitto[] = [];
const clients: MqttClient[] = [];

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.endAsync(true)));
  await Promise.all(brokers.splice(0).map((broker) => broker.stop()));
});

async function start(options?: MosquittoOptions): Promise<Mosquitto> {
  const broker = await startMosquitto(options);
  brokers.push(broker);
  return broker;
}

async function open(broker: Mosquitto, clientId: string, clean = true): Promise<MqttClient> {
  const client = await connectAsync(broker.url, { clientId, clean, reconnectPeriod: 0 });
  clients.push(client);
  return client;
}

function nextMessage(client: MqttClient): Promise<string> {
  return new Promise((resolve) => {
    client.once("message", (_topic, payload) => resolve(payload.toString()));
  });
}

const listening = (port: number) =>
  new Promise<boolean>((resolve) => {
    const socket = createConnection(port, "127.0.0.1", () => socket.destroy());
    socket.once("close", (failed) => resolve(!failed)).once("error", () => {});
  });

test("carries a message at QoS 1", async () => {
  const broker = await start();
  const client = await open(broker, "one");
  await client.subscribeAsync("a/#", { qos: 1 });
  const message = nextMessage(client);
  await client.publishAsync("a/b", "hello", { qos: 1 });
  expect(await message).toBe("hello");
});

test("killed, it closes its sessions; restarted, it serves the same port", async () => {
  const broker = await start();
  const client = await open(broker, "one");
  const closed = new Promise<void>((resolve) => {
    client.once("close", () => resolve());
  });
  await broker.kill("SIGKILL");
  await closed;
  expect(await listening(broker.port)).toBe(false);
  await broker.restart();
  const again = await open(broker, "two");
  expect(again.connected).toBe(true);
});

test("with persistence it keeps what is queued when it is told to end", async () => {
  const broker = await start({ config: { persistence: true } });
  const reader = await open(broker, "reader", false);
  await reader.subscribeAsync("a", { qos: 1 });
  await reader.endAsync();
  const writer = await open(broker, "writer");
  await writer.publishAsync("a", "kept", { qos: 1 });
  await writer.publishAsync("a", "and more", { qos: 1 });
  await broker.kill("SIGTERM");
  await broker.restart();

  const received: string[] = [];
  const again = connect(broker.url, { clientId: "reader", clean: false, reconnectPeriod: 0 });
  clients.push(again);
  await new Promise<void>((resolve) => {
    again.on("message", (_topic, payload) => {
      if (received.push(payload.toString()) === 2) resolve();
    });
  });
  expect(received).toEqual(["kept", "and more"]);
});

test("stopped and continued, it is the same process", async () => {
  const broker = await start();
  const client = await open(broker, "one");
  await broker.kill("SIGSTOP");
  await broker.kill("SIGCONT");
  await client.publishAsync("a", "still here", { qos: 1 });
  expect(broker.log().match(/mosquitto version .* starting/g)).toHaveLength(1);
});

test("several run side by side, and stop leaves no process", async () => {
  const [one, two] = await Promise.all([start(), start()]);
  expect(one.port).not.toBe(two.port);
  await one.stop();
  expect(await listening(one.port)).toBe(false);
  expect(await listening(two.port)).toBe(true);
});

test("a port that is taken is an error with the broker's log", async () => {
  const { port } = await start();
  await expect(startMosquitto({ port })).rejects.toThrow(
    /ended with exit code 1[\s\S]*Address already in use/,
  );
});

test("a setting that mosquitto does not know is an error with the broker's log", async () => {
  await expect(startMosquitto({ config: { no_such: 1 } })).rejects.toThrow(/ended with[\s\S]*no_such/);
});
