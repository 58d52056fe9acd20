import { expect, test } from "@jest/globals";
import {
  type PublicationOptions,
  PublicationQueue,
  SUBSCRIBE,
  type SubscriptionOptions,
} from "../../firmware/ports/publications.js";

const TOPIC = "t/opic";
/** Bytes before the payload of a QoS 1 PUBLISH of up to 16,383 bytes: type, length, topic's length, packet identifier. */
const HEAD = 1 + 2 + 2 + TOPIC.length + 2;
/** What the SDK's client keeps back of its room. */
const OVERHEAD = 8;

/** A client like the SDK's (examples/io/tcp/mqttclient/mqttclient.js): throws where more is written than there is room. */
class Socket {
  room = 0;
  readonly sent: { id: number; retain: boolean; payload: number[] }[] = [];
  #left = 0;

  readonly subscribed: { id: number; topics: string[] }[] = [];

  write(data: Uint8Array, options?: PublicationOptions | SubscriptionOptions): number {
    if (options !== undefined && "operation" in options) {
      expect(options.operation).toBe(SUBSCRIBE);
      if (this.#left > 0 || this.sent.length > 0) throw new Error("after a publication");
      this.subscribed.push({ id: options.id, topics: options.items.map(({ topic }) => topic) });
      this.room -= TOPIC.length + OVERHEAD;
      if (this.room < 0) throw new Error("overflow");
      return this.grant;
    }
    if (options !== undefined) {
      if (this.#left > 0) throw new Error("inside of a publication");
      this.sent.push({ id: options.id, retain: options.retain, payload: [] });
      this.#left = options.byteLength;
      this.room -= HEAD;
    }
    this.room -= data.length;
    this.#left -= data.length;
    if (this.room < 0 || this.#left < 0) throw new Error("overflow");
    this.sent.at(-1)?.payload.push(...data);
    return this.grant;
  }

  get grant(): number {
    return this.room > OVERHEAD ? this.room - OVERHEAD : 0;
  }
}

const bytes = (length: number) => Uint8Array.from({ length }, (_, i) => i % 251);

test.each([
  ["all at once", 10_000, [5, 100, 300]],
  ["one that is longer than the socket's room", 1536, [4096]],
  ["long and short ones", 1536, [10, 4000, 1, 1500, 1536, 7]],
  ["hardly any room", HEAD + OVERHEAD + 1, [1, 2, 30]],
])("%s: whole and in order", (_, room, lengths) => {
  const queue = new PublicationQueue();
  const socket = new Socket();
  lengths.forEach((length, i) => {
    queue.add({ packet: i + 1, topic: TOPIC, payload: bytes(length), retain: i === 0 });
    queue.drain(socket);
  });
  expect(socket.sent).toEqual([]);
  for (let turn = 0; turn < 200; turn++) {
    socket.room = room;
    queue.grant(socket.grant);
    queue.drain(socket);
  }
  expect(socket.sent).toEqual(
    lengths.map((length, i) => ({ id: i + 1, retain: i === 0, payload: [...bytes(length)] })),
  );
});

test("too little room for a topic: nothing is begun", () => {
  const queue = new PublicationQueue();
  const socket = new Socket();
  queue.add({ packet: 1, topic: TOPIC, payload: bytes(1), retain: false });
  for (socket.room = 0; socket.room <= TOPIC.length + OVERHEAD; socket.room++) {
    queue.grant(socket.grant);
    queue.drain(socket);
  }
  expect(socket.sent).toEqual([]);
});

const OTHER = "fieldmark/1/demo/other";

test.each([0, 5, 1000])(
  "a subscription goes before all publications, with %i bytes of room at first",
  (room) => {
    const queue = new PublicationQueue();
    const socket = new Socket();
    queue.add({ packet: 1, topic: TOPIC, payload: bytes(10), retain: false });
    queue.subscribe({ packet: 2, topics: [TOPIC, OTHER] });
    for (let more = room; more < room + 100; more++) {
      socket.room = more;
      queue.grant(socket.grant);
      queue.drain(socket);
    }
    expect(socket.subscribed).toEqual([{ id: 2, topics: [TOPIC, OTHER] }]);
    expect(socket.sent).toHaveLength(1);
  },
);
