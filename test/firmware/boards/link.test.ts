import { beforeEach, expect, test } from "@jest/globals";
import type { Link } from "../../../agent/ports/link.js";
import { STATUS_ID } from "../../../agent/uplink/session.js";
import { SUBSCRIBE } from "../../../firmware/ports/publications.js";
import { loadFirmware } from "./board.js";

interface Options {
  readonly will?: { readonly retain: boolean };
  readonly socket: { readonly io: (options: object) => object };
  readonly onControl: (message: object) => void;
  readonly onReadable: (count: number, options: object) => void;
  readonly onWritable: (room: number) => void;
  readonly onError: () => void;
}

const CONNACK = 2;
const PUBACK = 4;
let clients: Client[] = [];
let timers: (() => void)[] = [];
let heard: string[] = [];

/** The SDK's client: what it writes is kept, and what it says the test says. */
class Client {
  static readonly CONNACK = CONNACK;
  static readonly PUBACK = PUBACK;
  readonly written: { readonly id: number; readonly retain: boolean; readonly operation?: number }[] = [];
  readonly #options: Options;

  constructor(options: Options) {
    this.#options = options;
    clients.push(this);
  }

  get will(): string {
    const { will } = this.#options;
    return will === undefined ? "none" : will.retain ? "retained" : "plain";
  }

  write(_: Uint8Array, options: { readonly id: number; readonly retain: boolean }): number {
    this.written.push(options);
    return 1000;
  }

  close(): void {}

  /** The broker is there, and gets CONNECT. */
  connect(): this {
    const { io, ...options } = this.#options.socket;
    const error = () => this.#options.onError();
    const client = { onReadable: error, onWritable() {}, onError: error };
    io({ ...options, ...client, address: "192.0.2.1", host: "broker", port: 1883 });
    sockets.at(-1)?.onWritable(100);
    return this;
  }

  accept(): this {
    this.#options.onControl({ operation: CONNACK, id: 0 });
    this.#options.onWritable(1000);
    return this;
  }

  /** The real client says no more of it than that there was an error. */
  refuse(code: number): void {
    arriving = Uint8Array.of(0x20, 2, 0, code);
    sockets.at(-1)?.onReadable(arriving.length);
  }

  acknowledge(index: number): void {
    this.#options.onControl({ operation: PUBACK, id: this.written[index]?.id });
  }

  publish(): void {
    this.#options.onReadable(1, { byteLength: 1, more: false });
  }

  hangUp(): void {
    this.#options.onError();
  }
}

let sockets: { onWritable(count: number): void; onReadable(count: number): void }[] = [];
let arriving = new Uint8Array(0);
const transport = {
  resolve() {},
  openSocket(options: (typeof sockets)[number]) {
    sockets.push(options);
    return { close() {}, write: () => 100, read: () => arriving.buffer };
  },
};

const { MqttLink } = loadFirmware<{ MqttLink: new (...of: unknown[]) => Link }>("ports/link.ts", {
  "embedded:network/mqtt/client": { default: Client },
  timer: { default: { set: (call: () => void) => timers.push(call), clear() {} } },
});

const handler = {
  opened: () => void heard.push("opened"),
  acknowledged: (id: number) => void heard.push(`acknowledged ${id}`),
  refused() {},
  closed: (reason: string) => void heard.push(reason),
};
const last = () => clients.at(-1) as Client;
const wills = () => clients.map(({ will }) => will);
let link: Link;

beforeEach(() => {
  clients = [];
  sockets = [];
  timers = [];
  heard = [];
  const presence = { topic: "status", offline: "{}" };
  link = new MqttLink({ host: "broker", port: 1883 }, "board", transport, presence);
  link.open(handler);
});

test("a broker that hangs up is asked for less in the same attempt, and the next begins as ever", () => {
  for (let i = 0; i < 3; i++) last().connect().hangUp();
  expect(wills()).toEqual(["retained", "plain", "none"]);
  expect(heard).toEqual(["the broker did not take the session"]);
  link.open(handler);
  expect(last().will).toBe("retained");
});

test.each([
  [1, "unacceptable protocol version"],
  [2, "identifier rejected"],
  [3, "server unavailable"],
  [4, "bad username or password"],
  [5, "not authorized"],
  [77, "reason 77"],
])("one that refuses with code %i is not, and its code is told in words", (code, words) => {
  last().connect().refuse(code);
  expect(wills()).toEqual(["retained"]);
  expect(heard).toEqual([`the broker did not take the session: ${words}`]);
  link.open(handler);
  expect(last().will).toBe("retained");
});

test("one that cannot be reached is not", () => {
  last().hangUp();
  expect(wills()).toEqual(["retained"]);
  expect(heard).toEqual(["the host has no address"]);
});

test("nor is one that says what it must not", () => {
  last().connect().publish();
  expect(wills()).toEqual(["retained"]);
  expect(heard).toEqual(["Error: a publication before CONNACK"]);
});

test("where the will is not retained, no status is", () => {
  last().connect().hangUp();
  last().connect().accept();
  link.publish(STATUS_ID, "status", Uint8Array.of(1), true);
  expect(last().written).toMatchObject([{ retain: false }]);
});

test("where there is no will, there is no status, and a frame does not wait for it", () => {
  for (let i = 0; i < 2; i++) last().connect().hangUp();
  last().connect().accept();
  link.publish(STATUS_ID, "status", Uint8Array.of(1), true);
  link.publish(7, "frame", Uint8Array.of(1), false);
  expect(last().written.length).toBe(1);
  last().acknowledge(0);
  for (const call of timers) call();
  expect(heard).toEqual(["opened", "acknowledged 7", `acknowledged ${STATUS_ID}`]);
});

test("after one that ended in the middle of a long message, a session subscribes only after a while", () => {
  const inbox = { topics: ["to/me"], received() {}, passedOver() {} };
  link = new MqttLink({ host: "broker", port: 1883 }, "board", transport, { topic: "s", offline: "" }, inbox);
  const subscriptions = () => last().written.filter(({ operation }) => operation === SUBSCRIBE).length;
  link.open(handler);
  last().connect().accept();
  expect(subscriptions()).toBe(1);
  // Of 256 MB, which the uplink does not wait for.
  arriving = Uint8Array.of(0x32, 0xff, 0xff, 0xff, 0x7f, 0, 5, ...Buffer.from("to/me"), 0, 1, 0, 0);
  sockets.at(-1)?.onReadable(arriving.length);
  link.close();
  link.open(handler);
  last().hangUp(); // an attempt that failed changes nothing
  link.open(handler);
  last().connect().accept();
  link.publish(7, "frame", Uint8Array.of(1), false);
  last().acknowledge(0);
  expect([subscriptions(), heard.at(-1)]).toEqual([0, "acknowledged 7"]);
  for (const call of timers) call();
  expect(subscriptions()).toBe(1);
  link.close();
  link.open(handler);
  last().connect().accept();
  expect(subscriptions()).toBe(1);
});

test("a session that breaks at a status, before any frame was acknowledged, is asked for less next", () => {
  last().connect().accept();
  link.publish(STATUS_ID, "status", Uint8Array.of(1), true);
  last().hangUp();
  link.open(handler);
  last().connect().accept();
  link.publish(7, "frame", Uint8Array.of(1), false);
  last().acknowledge(0);
  last().hangUp();
  link.open(handler);
  expect(wills()).toEqual(["retained", "plain", "retained"]);
});
