import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, test } from "@jest/globals";
import type { Subscriber } from "../../../network/ports/subscription.js";
import { parseBrokerUrl } from "../../../node/mqtt/broker-address.js";
import { mqttSource } from "../../../node/network/subscriber.js";

/** First bytes of MQTT 3.1.1 packets (§2.2). */
const CONNECT = 0x10;
const SUBSCRIBE = 0x82;
const CONNACK = Uint8Array.of(0x20, 2, 0, 0);

let server: Server;
const sockets: Socket[] = [];
let subscriber: Subscriber;
let isFrozen = false;

/** A broker that lets everybody in, and does at a SUBSCRIBE what it is told. Assumes one packet, short, in a segment. */
function startBroker(subscribe: (socket: Socket, packet: Buffer) => void): Promise<string> {
  // Half open: a frozen one does not close when the other side does.
  server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.push(socket);
    socket.on("error", () => {});
    socket.on("end", () => {
      if (!isFrozen) socket.end();
    });
    socket.on("data", (packet) => {
      if (isFrozen) return;
      if (packet[0] === CONNECT) socket.write(CONNACK);
      if (packet[0] === SUBSCRIBE) subscribe(socket, packet);
    });
  });
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(`mqtt://127.0.0.1:${typeof address === "object" ? address?.port : ""}`);
    });
  });
}

const suback = (packet: Buffer, code: number) =>
  Uint8Array.of(0x90, 3, packet[2] as number, packet[3] as number, code);

/** Subscribes; resolves at what `ends` with all that was told. */
function listen(url: string, ends: (event: string) => boolean, isCurious = false): Promise<string[]> {
  const told: string[] = [];
  return new Promise((resolve) => {
    function tell(event: string): void {
      told.push(event);
      if (ends(event)) resolve(told);
    }
    subscriber = mqttSource({
      address: parseBrokerUrl(url),
      network: "demo",
      clientId: "test",
      keepSession: true,
    })({
      frame() {
        tell("frame");
        return undefined;
      },
      status: isCurious ? () => tell("status") : undefined,
      state: (_broker, state) => tell(state),
      failed: ({ message }) => tell(`failed: ${message}`),
    });
  });
}

afterEach(async () => {
  await subscriber.close(true);
  isFrozen = false;
  for (const socket of sockets.splice(0)) socket.destroy();
  await new Promise((resolve) => server.close(resolve));
});

test("a broker that dies before it answers the subscription is tried again", async () => {
  let subscriptions = 0;
  const url = await startBroker((socket, packet) => {
    subscriptions++;
    if (subscriptions === 1) socket.destroy();
    else socket.write(suback(packet, 1));
  });
  const told = await listen(url, (event) => event === "subscribed" || event.startsWith("failed"));
  expect(told).toEqual(["lost", "subscribed"]);
});

test("a broker that refuses the subscription is a failure", async () => {
  const url = await startBroker((socket, packet) => socket.write(suback(packet, 0x80)));
  const told = await listen(url, (event) => event !== "lost");
  expect(told).toEqual([
    expect.stringMatching(/^failed: mqtt:\/\/127.* refuses the subscription: Subscribe error/),
  ]);
});

test.each([
  { name: "after the subscription", answers: true },
  { name: "before it", answers: false },
])("close ends with a broker that says nothing more $name", async ({ answers }) => {
  let asked = () => {};
  const isAsked = new Promise<void>((resolve) => {
    asked = resolve;
  });
  const url = await startBroker((socket, packet) => {
    if (answers) socket.write(suback(packet, 1));
    isFrozen = true;
    asked();
  });
  const subscribed = listen(url, (event) => event === "subscribed");
  await (answers ? subscribed : isAsked);
  await subscriber.close(true);
  expect(subscriber.subscribed).toBe(false);
});

test.each([
  {
    name: "refuses the statuses",
    answer: (socket: Socket, packet: Buffer) => socket.write(suback(packet, 0x80)),
  },
  { name: "hangs up when asked for the statuses", answer: (socket: Socket) => socket.destroy() },
])("a broker that $name is not asked for them again, and delivers frames", async ({ answer }) => {
  const publish = Buffer.concat([
    Buffer.of(0x30, 0, 0, 0),
    Buffer.from("fieldmark/1/demo/a/frame"),
    Buffer.of(1),
  ]);
  publish[1] = publish.length - 2;
  publish[3] = publish.length - 5;
  let frames = 0;
  const asked: string[] = [];
  const url = await startBroker((socket, packet) => {
    const isStatus = packet.includes("/status");
    asked.push(isStatus ? "statuses" : "frames");
    if (isStatus) {
      answer(socket, packet);
      // The one that refused loses its connection, too, so that there is a second one.
      setImmediate(() => socket.destroy());
      return;
    }
    socket.write(suback(packet, 1));
    if (++frames === 2) socket.write(publish);
  });
  let left = 4;
  const told = await listen(url, (event) => --left === 0 || event.startsWith("failed"), true);
  // A frame that comes with the answer to the second subscription may be told before it.
  expect(told.slice(0, 2)).toEqual(["subscribed", "lost"]);
  expect(told.slice(2).sort()).toEqual(["frame", "subscribed"]);
  expect(asked).toEqual(["frames", "statuses", "frames"]);
});

test("one that is closed while it connects does not try again", async () => {
  let connections = 0;
  let come = () => {};
  const first = new Promise<void>((resolve) => {
    come = resolve;
  });
  server = createServer((socket) => {
    connections++;
    sockets.push(socket);
    socket.on("error", () => {});
    come(); // and nothing is answered
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  void listen(`mqtt://127.0.0.1:${port}`, () => false);
  await first;
  await subscriber.close(false);
  const before = connections;
  await sleep(1500); // it tries every 500 ms
  expect(connections).toBe(before);
});
