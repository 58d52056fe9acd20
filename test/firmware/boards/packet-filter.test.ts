import { expect, test } from "@jest/globals";
import fc from "fast-check";
import {
  MAX_PAYLOAD,
  MAX_PUBLICATIONS,
  PacketFilter,
  replacedBytes,
} from "../../../firmware/ports/packet-filter.js";

const TOPIC = "fieldmark/1/demo/0011223344556677/command";
const CONNACK = Buffer.of(0x20, 2, 0, 0);
const PUBACK = Buffer.of(0x40, 2, 0, 9);
const SUBACK = Buffer.of(0x90, 3, 0, 1, 1);

/** The remaining length (MQTT 3.1.1 §2.2.3). */
function lengthOf(bytes: number): number[] {
  return bytes < 128 ? [bytes] : [(bytes & 0x7f) | 0x80, ...lengthOf(bytes >> 7)];
}

interface Given {
  readonly topic?: string;
  readonly id?: number;
  readonly qos?: number;
  readonly flags?: number;
}

/** A PUBLISH of MQTT 3.1.1. */
function publish(payload: Uint8Array | string, { topic = TOPIC, qos = 1, id = 1, flags = 0 }: Given = {}) {
  const body = Buffer.concat([
    Buffer.of(topic.length >> 8, topic.length & 0xff),
    Buffer.from(topic),
    Buffer.from(qos > 0 ? [id >> 8, id & 0xff] : []),
    Buffer.from(payload),
  ]);
  return packet(0x30 | (qos << 1) | flags, body);
}

const packet = (first: number, body: Uint8Array, said = body.length) =>
  Buffer.concat([Buffer.of(first, ...lengthOf(said)), body]);

/** What the client makes of what it is given: whole packets, in order; it acknowledges publications at once. */
function client(parts: Iterable<Uint8Array>, acknowledges = true) {
  const filter = new PacketFilter([TOPIC]);
  const read: (string | readonly [id: number, bytes: number | string])[] = [];
  let bytes = Buffer.alloc(0);
  for (const part of parts) {
    bytes = Buffer.concat([bytes, filter.pass(part)]);
    for (;;) {
      const length = (bytes[1] ?? 0) & 0x7f;
      const isLong = (bytes[1] ?? 0) >= 0x80;
      const whole = isLong ? 3 + length + ((bytes[2] ?? 0) << 7) : 2 + length;
      if (bytes.length < Math.max(2, whole)) break;
      const body = bytes.subarray(isLong ? 3 : 2, whole);
      const first = bytes[0] as number;
      bytes = bytes.subarray(whole);
      if (first >> 4 !== 3) {
        read.push(first.toString(16));
        continue;
      }
      expect(body.subarray(2, 2 + body.readUInt16BE()).toString()).toBe(TOPIC);
      const at = 2 + TOPIC.length;
      const hasId = first === 0x32;
      const payload = body.subarray(hasId ? at + 2 : at);
      expect(payload.length).toBeGreaterThan(0);
      expect(payload.length).toBeLessThanOrEqual(MAX_PAYLOAD);
      if (hasId && acknowledges) filter.acknowledged();
      read.push([hasId ? body.readUInt16BE(at) : 0, replacedBytes(payload) ?? payload.toString("latin1")]);
    }
    if (filter.failure !== undefined) break;
  }
  return { read, failure: filter.failure?.message, filter };
}

const ORDER = publish("order", { id: 77 });
const body = (payload: number) => Buffer.concat([publish("").subarray(2), Buffer.alloc(payload)]);

/** What is retained on the topic, and what the client hears of it: `id` or 0, and how many bytes were passed over. */
const FORMS: readonly [
  name: string,
  packet: Buffer,
  heard: readonly (readonly [number, number | string])[],
][] = [
  ["empty", publish(""), [[1, 0]]],
  ["empty, at QoS 0", publish("", { qos: 0 }), [[0, 0]]],
  ["of one byte", publish("x"), [[1, "x"]]],
  ["as long as may be", publish(Buffer.alloc(MAX_PAYLOAD, 0x61)), [[1, "a".repeat(MAX_PAYLOAD)]]],
  ["a byte longer", publish(Buffer.alloc(MAX_PAYLOAD + 1)), [[1, MAX_PAYLOAD + 1]]],
  ["of 2 KB", publish(Buffer.alloc(2048)), [[1, 2048]]],
  ["of 2 KB, at QoS 0", publish(Buffer.alloc(2048), { qos: 0 }), [[0, 2048]]],
  ["of 65,536 bytes", publish(Buffer.alloc(65_536)), [[1, 65_536]]],
  ["of 3 MB, whose length takes four bytes", publish(Buffer.alloc(3_000_000)), [[1, 3_000_000]]],
  ["retained and sent again", publish("x", { flags: 9 }), [[1, "x"]]],
  ["long, retained and sent again", publish(Buffer.alloc(2048), { flags: 9 }), [[1, 2048]]],
  ["at QoS 2", publish("x", { qos: 2 }), []],
  ["at QoS 2, long", publish(Buffer.alloc(3000), { qos: 2 }), []],
  ["at QoS 3", publish("x", { qos: 3 }), []],
  ["without an identifier", publish("x", { id: 0 }), []],
  ["of another topic as long", publish("x", { topic: `${TOPIC.slice(0, -1)}e` }), []],
  ["of a topic that begins like it", publish("x", { topic: `${TOPIC}/more` }), []],
  ["of its beginning", publish("x", { topic: TOPIC.slice(0, 9) }), []],
  ["of no topic", publish("x", { topic: "" }), []],
  ["of a topic longer than the packet", packet(0x32, Buffer.of(0xff, 0xff, 0x61, 0x62)), []],
  ["of a topic as long as ours, which it ends in", packet(0x32, publish("").subarray(2, 20)), []],
  ["that ends after the topic's length", packet(0x32, Buffer.of(0, TOPIC.length)), []],
  ["that ends in that", packet(0x32, Buffer.of(0)), []],
  ["that ends after the topic", packet(0x32, publish("").subarray(2, -2)), []],
  ["that ends in the identifier", packet(0x32, publish("").subarray(2, -1)), []],
  ["of nothing at all", packet(0x32, Buffer.alloc(0)), []],
];

test.each(FORMS)("a publication %s costs its bytes, and what follows is read", (_, given, heard) => {
  const all = Buffer.concat([CONNACK, SUBACK, given, PUBACK, given, ORDER]);
  const expected = ["20", "90", ...heard, "40", ...heard, [77, "order"]];
  const pieces = (size: number) =>
    Array.from({ length: Math.ceil(all.length / size) }, (_, i) => all.subarray(i * size, i * size + size));
  for (const size of all.length > 100_000 ? [256, 4096] : [1, 2, 3, 7, 256, all.length])
    expect(client(pieces(size))).toMatchObject({ read: expected, failure: undefined });
  for (let at = 1; at < Math.min(all.length, 300); at++)
    expect(client([all.subarray(0, at), all.subarray(at)]).read).toEqual(expected);
});

test("a length of more bytes than it needs is read as well", () => {
  const long = Buffer.from([0x32, (body(1).length & 0x7f) | 0x80, 0x80, 0x00, ...body(1)]);
  expect(client([long, ORDER]).read).toEqual([
    [1, "\0"],
    [77, "order"],
  ]);
});

test("256 MB are passed over in no room, and the acknowledgements behind them come", () => {
  const most = 0x0fff_ffff;
  const payload = most - 2 - TOPIC.length - 2;
  const head = packet(0x32, publish("").subarray(2), most);
  function* parts() {
    yield head;
    const chunk = Buffer.alloc(1 << 16);
    for (let left = payload; left > 0; left -= chunk.length)
      yield chunk.subarray(0, Math.min(left, chunk.length));
    yield Buffer.concat([PUBACK, ORDER]);
  }
  const { read, failure } = client(parts());
  expect([read, failure]).toEqual([[[1, payload], "40", [77, "order"]], undefined]);
});

test("it says that it is in the middle of one, and no longer when that is over", () => {
  const filter = new PacketFilter([TOPIC]);
  const long = publish(Buffer.alloc(2048));
  filter.pass(long.subarray(0, 1000));
  expect(filter.isPassingOver).toBe(true);
  filter.pass(long.subarray(1000));
  expect(filter.isPassingOver).toBe(false);
});

test("more of them than the client acknowledges take no room: the first come, the others do not", () => {
  const many = Array.from({ length: 1000 }, (_, i) => publish(i % 2 === 0 ? "x" : "", { id: i + 1 }));
  const { read, failure } = client([...many, publish("order", { qos: 0 })], false);
  expect([read.length, failure]).toEqual([MAX_PUBLICATIONS + 1, undefined]);
  expect(read.at(-1)).toEqual([0, "order"]);
});

test.each([
  ["a length of five bytes", Buffer.of(0x32, 0xff, 0xff, 0xff, 0xff, 0x01), /too many bytes/],
  ["a SUBACK without end", Buffer.of(0x90, 0xff), /too many bytes/],
  ["a PUBACK of three bytes", Buffer.of(0x40, 3), /3 bytes/],
  ["a packet of another type", Buffer.of(0xe0, 0), /type 14/],
])("%s leaves nobody knowing where the next packet begins: a failure", (_, bytes, reason) => {
  expect(client([CONNACK, bytes])).toMatchObject({ read: ["20"], failure: expect.stringMatching(reason) });
});

test("of several topics each is told apart, also from others that begin alike", () => {
  const topics = ["a/command", "a/receipt", "a/recipes/b"];
  const filter = new PacketFilter(topics);
  const all = ["a/receipt", "a/command", "a/recipes", "b/receipt", "a/recipes/b", "a/commanc", ""];
  const passed = all.map((topic) => Buffer.from(filter.pass(publish("x", { topic }))));
  expect(passed.map((bytes, i) => bytes.includes(`${all[i]}`) && bytes.length > 0)).toEqual(
    all.map((topic) => topics.includes(topic)),
  );
  for (const [i, topic] of all.entries())
    if (topics.includes(topic)) expect(passed[i]).toEqual(publish("x", { topic }));
  expect(Buffer.from(filter.pass(Buffer.of(0x90, 5, 0, 1, 1, 1, 1))).length).toBe(7);
  filter.pass(Buffer.of(0x90, 3));
  expect(filter.failure?.message).toMatch(/3 bytes/);
});

test("nothing may be published to who has subscribed to nothing", () => {
  const filter = new PacketFilter();
  filter.pass(publish("x", { topic: "" }));
  expect(filter.failure?.message).toMatch(/type 3/);
});

test("whatever is in publications, and wherever they are cut, the order behind them is read", () => {
  const anyPublication = fc
    .record({
      first: fc.integer({ min: 0x30, max: 0x3f }),
      own: fc.boolean(),
      rest: fc.uint8Array({ maxLength: 3000 }),
    })
    .map(({ first, own, rest }) =>
      packet(first, own ? Buffer.concat([publish("").subarray(2, 4 + TOPIC.length), rest]) : rest),
    );
  fc.assert(
    fc.property(
      fc.array(anyPublication, { maxLength: 8 }),
      fc.array(fc.nat(2000), { maxLength: 8 }),
      (all, sizes) => {
        const bytes = Buffer.concat([...all, ORDER]);
        const parts: Buffer[] = [];
        let at = 0;
        for (const size of sizes) {
          parts.push(bytes.subarray(at, at + size));
          at += size;
        }
        parts.push(bytes.subarray(at));
        const { read, failure } = client(parts);
        expect([read.at(-1), failure]).toEqual([[77, "order"], undefined]);
      },
    ),
  );
});
