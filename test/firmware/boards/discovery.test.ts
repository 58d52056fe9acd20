import { beforeEach, describe, expect, test } from "@jest/globals";
import { decode } from "dns-packet";
import type { Discovery, DiscoveryEvent, DiscoveryScope } from "../../../agent/ports/discovery.js";
import { describeDiscovery } from "../../conformance/discovery.js";
import { recordsOf, response } from "../../conformance/discovery-link.js";
import { loadFirmware } from "./board.js";

interface Instance {
  readonly name: string;
  target?: string;
  port?: number;
  address?: string;
  txt?: unknown;
}

type Monitor = Instance[] & { service?: string; listeners?: unknown[] };

/** The SDK's mdns as its sources are: keeps all that it is told, and throws where they do. */
class MDNS {
  static last: MDNS;
  static failures = 0;
  readonly monitors: Monitor[] = [];
  packets = 0;
  isClosed = false;
  #received = new ArrayBuffer(0);

  constructor() {
    if (MDNS.failures-- > 0) throw new Error("no network");
    MDNS.last = this;
  }

  monitor(service: string, listener: unknown): void {
    const monitor: Monitor = [];
    monitor.service = `${service}.local`;
    monitor.listeners = [listener];
    this.monitors.push(monitor);
  }

  remove(service: string, listener: unknown): void {
    const index = this.monitors.findIndex((monitor) => monitor.service === `${service}.local`);
    if (index < 0) return;
    if (!this.monitors[index]?.listeners?.includes(listener)) throw new Error("callback not found");
    this.monitors.splice(index, 1);
  }

  close(): void {
    if (this.monitors.length > 0) throw new Error("callback not found");
    this.isClosed = true;
  }

  read(_type: unknown): ArrayBuffer {
    if (this.isClosed) throw new Error("closed");
    return this.#received;
  }

  /** What the socket does with a packet. */
  receive(packet: Uint8Array, port: number): void {
    if (this.isClosed) return;
    this.#received = Uint8Array.from(packet).buffer;
    this.callback(2, packet.length, "192.0.2.7", port);
  }

  callback(_message: number, _bytes: number, _address: string, _port: number): void {
    this.packets++;
    const { answers = [] } = decode(Buffer.from(this.read(ArrayBuffer)));
    for (const record of answers) {
      if (record.type === "A")
        for (const monitor of this.monitors)
          for (const instance of monitor) if (instance.target === record.name) instance.address = record.data;
      if (record.type === "PTR") this.#instance(record.name, label(record.data, record.name));
      if (record.type !== "SRV" && record.type !== "TXT") continue;
      const service = record.name.slice(record.name.indexOf("._") + 1);
      const instance = this.#instance(service, label(record.name, service));
      if (instance === undefined) continue;
      if (record.type === "TXT") instance.txt = record.data;
      else Object.assign(instance, { target: record.data.target, port: record.data.port });
    }
  }

  #instance(service: string, name: string): Instance | undefined {
    const monitor = this.monitors.find((it) => it.service === service);
    let instance = monitor?.find((it) => it.name === name);
    if (instance === undefined) {
      instance = { name };
      monitor?.push(instance);
    }
    return instance;
  }
}

const label = (name: string, service: string) => name.slice(0, -service.length - 1);

let timers: (() => void)[] = [];
const { BoardDiscovery, isSoundResponse } = loadFirmware<{
  BoardDiscovery: new (scope: DiscoveryScope, observe: (event: DiscoveryEvent) => void) => Discovery;
  isSoundResponse: (packet: Uint8Array) => boolean;
}>("ports/discovery.ts", {
  mdns: { default: MDNS },
  timer: {
    default: {
      set: (callback: () => void) => timers.push(callback),
      clear: (timer: number) => timers.splice(timer - 1, 1),
    },
  },
});

beforeEach(() => {
  timers = [];
  MDNS.failures = 0;
});

const start = (found: () => void = () => {}) => {
  const events: DiscoveryEvent[] = [];
  const discovery = new BoardDiscovery("any", (event) => events.push(event));
  discovery.start(found);
  return { discovery, events };
};

describeDiscovery("the SDK's", async (scope) => ({
  discovery: new BoardDiscovery(scope, () => {}),
  async deliver(packet, isStranger) {
    MDNS.last.receive(packet, isStranger ? 40_000 : 5353);
  },
  async close() {},
}));

describe("within a board's memory", () => {
  test("no more than 12 instances of a service are kept, the latest, and no texts", () => {
    start();
    for (let i = 0; i < 40; i++)
      MDNS.last.receive(response(recordsOf({ name: `n${i}`, texts: ["t".repeat(200)] })), 5353);
    const [, plain] = MDNS.last.monitors;
    expect(plain?.map(({ name }) => name)).toEqual(Array.from({ length: 12 }, (_, i) => `n${i + 28}`));
    expect(plain?.every(({ txt }) => (txt as unknown[]).length === 0)).toBe(true);
  });

  test("queries of others are not parsed", () => {
    start();
    const packet = response(recordsOf({ name: "n" }));
    packet[2] = 0;
    MDNS.last.receive(packet, 5353);
    expect(MDNS.last.packets).toBe(0);
  });
});

describe("no network", () => {
  test("is an event, and tried again until there is one", () => {
    MDNS.failures = 2;
    const { discovery, events } = start();
    expect(events).toEqual([{ type: "discovery-failed", reason: "Error: no network" }]);
    timers.shift()?.();
    timers.shift()?.();
    expect([events.length, timers.length, MDNS.last.monitors.length]).toEqual([2, 0, 2]);
    discovery.stop();
    expect(MDNS.last.isClosed).toBe(true);
  });

  test("stopped, it is tried no more", () => {
    MDNS.failures = 1;
    start().discovery.stop();
    expect(timers).toEqual([]);
  });
});

describe("a name that the SDK's parser would not come to an end with is not given to it", () => {
  const packet = (...name: number[]) =>
    Uint8Array.of(0, 0, 0x84, 0, 0, 0, 0, 1, 0, 0, 0, 0, ...name, 0, 99, 0, 1, 0, 0, 0, 9, 0, 0);
  const label = (length: number, byte = 0x61) => [length, ...Array<number>(length).fill(byte)];

  test.each<[string, number[], boolean]>([
    ["a label", [...label(3), 0], true],
    ["the root", [0], true],
    ["the longest name", [...label(63), ...label(63), ...label(63), ...label(61), 0], true],
    ["a name one longer", [...label(63), ...label(63), ...label(63), ...label(62), 0], false],
    ["a reference to itself", [0xc0, 12], false],
    ["a reference to its own beginning", [...label(1), 0xc0, 12], false],
    ["a reference into the header", [0xc0, 0], false],
    ["a reference forwards", [0xc0, 14, 0], false],
    ["a reserved tag", [0x40, 0], false],
    ["a label that is not UTF-8", [...label(2, 0xff), 0], false],
    ["a label with a zero", [...label(2, 0), 0], false],
  ])("%s", (_name, name, isSound) => {
    expect(isSoundResponse(packet(...name))).toBe(isSound);
  });

  test.each([
    ["32 records", 8, true],
    ["36 records", 9, false],
  ])("%s", (_name, services, isSound) => {
    const records = Array.from({ length: services }, (_, i) => recordsOf({ name: `n${i}` })).flat();
    expect(isSoundResponse(response(records))).toBe(isSound);
  });
});
