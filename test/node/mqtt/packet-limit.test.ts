import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { generate, type IPublishPacket, parser } from "mqtt-packet";
import { frameTopic } from "../../../agent/frame/topic.js";
import { parseBrokerUrl } from "../../../node/mqtt/broker-address.js";
import { PacketLimit } from "../../../node/mqtt/packet-limit.js";
import { mqttSource } from "../../../node/network/subscriber.js";

const MOST = 100;

/** What is left of a stream of packets that is cut into such pieces. */
async function limited(bytes: Buffer, pieces: readonly number[], most = MOST): Promise<Buffer> {
  const limit = new PacketLimit(most);
  const left: Buffer[] = [];
  limit.on("data", (chunk: Buffer) => left.push(chunk));
  let at = 0;
  for (let i = 0; at < bytes.length; i++) {
    const length = pieces[i % pieces.length] ?? bytes.length;
    limit.write(bytes.subarray(at, at + length));
    at += length;
  }
  limit.end();
  await once(limit, "end");
  return Buffer.concat(left);
}

const publish = (payload: Buffer, topic: string, qos: 0 | 1): IPublishPacket => ({
  cmd: "publish",
  topic,
  payload,
  qos,
  ...(qos > 0 && { messageId: 7 }),
  dup: false,
  retain: false,
});

describe("of a message that is too long, its start is passed on, and what follows it", () => {
  const message = fc
    .record({
      length: fc.nat(400),
      topic: fc.string({ minLength: 1, maxLength: 200, unit: "grapheme-ascii" }),
      qos: fc.constantFrom(0, 1),
    })
    .map(({ length, topic, qos }) =>
      publish(Buffer.alloc(length, length), topic.replace(/[+#]/g, "x"), qos as 0 | 1),
    );

  test("however the stream is cut", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(message, { minLength: 1, maxLength: 6 }),
        fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 8 }),
        async (messages, pieces) => {
          const ping = generate({ cmd: "pingresp" });
          const bytes = Buffer.concat(messages.flatMap((one) => [generate(one), ping]));
          const read: string[] = [];
          const reader = parser({ protocolVersion: 4 });
          reader.on("packet", (packet) => {
            read.push(
              packet.cmd === "publish"
                ? `${packet.topic} ${packet.payload.toString("hex")} ${packet.messageId}`
                : packet.cmd,
            );
          });
          const left = await limited(bytes, pieces);
          reader.parse(left);
          expect(read).toEqual(
            messages.flatMap(({ topic, payload, messageId }) => [
              `${topic} ${(payload as Buffer).subarray(0, MOST).toString("hex")} ${messageId}`,
              "pingresp",
            ]),
          );
        },
      ),
      { numRuns: 150, seed: 4 },
    );
  });

  test("any bytes whatever: no exception, and no more comes out than went in", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 600 }), async (bytes) => {
        const limit = new PacketLimit(MOST);
        let out = 0;
        limit.on("data", (chunk: Buffer) => {
          out += chunk.length;
        });
        limit.on("error", () => {});
        limit.write(Buffer.from(bytes));
        await new Promise((resolve) => setImmediate(resolve));
        expect(out).toBeLessThanOrEqual(bytes.length);
      }),
      { numRuns: 300, seed: 5 },
    );
  });
});

test("a packet that is no message, and long, or without an end, is an error before it came", async () => {
  for (const [bytes, says] of [
    [Buffer.of(0x90, 0xff, 0xff, 0xff, 0x7f), "a packet of 268435455 bytes"],
    [Buffer.of(0x20, 0x80, 0x80, 0x80, 0x80), "a packet without an end"],
  ] as const) {
    const limit = new PacketLimit(MOST);
    const failed = once(limit, "error");
    limit.write(bytes);
    const [error] = (await failed) as [Error];
    expect(error.message).toContain(says);
  }
});

describe("a subscriber", () => {
  /** A broker that takes everything, and sends what it is told to behind its answer to the first subscription. */
  async function brokerOf(rest: (socket: Socket) => void) {
    const acknowledged: unknown[] = [];
    const server = createServer((socket) => {
      const reader = parser({ protocolVersion: 4 });
      socket.on("error", () => {});
      socket.on("data", (chunk) => reader.parse(chunk));
      reader.on("packet", (packet) => {
        if (packet.cmd === "connect")
          socket.write(generate({ cmd: "connack", returnCode: 0, sessionPresent: false }));
        if (packet.cmd === "puback") acknowledged.push(packet.messageId);
        if (packet.cmd !== "subscribe") return;
        socket.write(generate({ cmd: "suback", messageId: packet.messageId as number, granted: [1] }));
        rest(socket);
      });
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as { port: number };
    return { server, acknowledged, url: `mqtt://127.0.0.1:${port}` };
  }

  test("reads 8,192 bytes of a message of 64 MB, acknowledges it, and hears what comes after", async () => {
    const topic = frameTopic("demo", "f1d12012406b87af");
    const [head] = [
      generate(publish(Buffer.alloc(64 << 20), topic, 1)).subarray(0, 5 + 2 + topic.length + 2),
    ];
    const { server, acknowledged, url } = await brokerOf((socket) => {
      socket.write(head);
      const piece = Buffer.alloc(1 << 20);
      for (let i = 0; i < 64; i++) socket.write(piece);
      socket.write(generate({ ...publish(Buffer.of(1, 2, 3), topic, 1), messageId: 8 }));
    });
    const lengths: number[] = [];
    const heard = new Promise<void>((resolve) => {
      const subscribe = mqttSource({
        address: parseBrokerUrl(url),
        network: "demo",
        clientId: "v",
        keepSession: false,
      });
      const subscriber = subscribe({
        frame(bytes) {
          lengths.push(bytes.length);
          if (bytes.length === 3) void subscriber.close(false).then(resolve);
        },
        state() {},
        failed() {},
      });
    });
    await heard;
    server.close();
    expect(lengths).toEqual([8192, 3]);
    expect(acknowledged).toContain(7);
  });
});
