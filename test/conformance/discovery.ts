import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { Answer } from "dns-packet";
import {
  type Discovery,
  type DiscoveryScope,
  type FoundBroker,
  MAX_FOUND,
} from "../../agent/ports/discovery.js";
import { recordsOf, response, type Service } from "./discovery-link.js";

export interface DiscoveryRig {
  readonly discovery: Discovery;
  /** A packet arrives from the link; `isStranger`: not from the port of mDNS. In the order of the calls. */
  deliver(packet: Uint8Array, isStranger?: boolean): Promise<void>;
  close(): Promise<void>;
}

const SENTINEL: Service = { name: "sentinel", host: "sentinel.local", address: "192.0.2.99" };
const HEADER = [0, 0, 0x84, 0];
const HUGE_TEXT = Array.from({ length: 100 }, () => "x".repeat(250));

/** The packet of one service with all its records. */
const packetOf = (service: Service) => response(recordsOf(service));
/** A pointer record whose own name is `name`, as bytes. */
const withName = (...name: number[]) =>
  Uint8Array.of(...HEADER, 0, 0, 0, 1, 0, 0, 0, 0, ...name, 0, 12, 0, 1, 0, 0, 0, 9, 0, 2, 0xc0, 12);
const many = (count: number): Answer[] =>
  Array.from({ length: count }, (_, i) => recordsOf({ name: `n${i}` })[0] as Answer);

const UNUSABLE: readonly (readonly [string, Uint8Array])[] = [
  ["port 0", packetOf({ name: "bad", port: 0 })],
  ["a host that is not of .local", packetOf({ name: "bad", host: "broker.example.com" })],
  ["a host that is .local itself", packetOf({ name: "bad", host: "local" })],
  ["a host with other characters", packetOf({ name: "bad", host: "a b;c.local" })],
  ["address 0.0.0.0", packetOf({ name: "bad", address: "0.0.0.0" })],
  ["a multicast address", packetOf({ name: "bad", address: "224.0.0.251" })],
  ["the broadcast address", packetOf({ name: "bad", address: "255.255.255.255" })],
  ["another service", packetOf({ name: "bad", type: "_http._tcp" })],
  ["nothing", new Uint8Array()],
  ["half a header", Uint8Array.of(...HEADER, 0)],
  ["counts without records", Uint8Array.of(...HEADER, 255, 255, 255, 255, 255, 255, 255, 255)],
  ["a name that refers to itself", withName(0xc0, 12)],
  ["a name that refers to itself past a label", withName(1, 0x61, 0xc0, 12)],
  ["a name that refers forwards", withName(0xc0, 30)],
  ["a name that refers beyond the packet", withName(0xff, 0xff)],
  ["a label of a reserved kind", withName(0x80, 0)],
  ["a label that ends beyond the packet", withName(63, 0x61, 0)],
  ["more than a thousand answers", response(many(1200))],
  ["a huge text", response([{ type: "TXT", name: "bad._mqtt._tcp.local", data: HUGE_TEXT }])],
  ["a service cut short", packetOf({ name: "bad" }).subarray(0, -9)],
];

/** What agent/ports/discovery.ts promises. */
export function describeDiscovery(
  name: string,
  make: (scope: DiscoveryScope) => Promise<DiscoveryRig>,
): void {
  describe(`discovery: ${name}`, () => {
    let rig: DiscoveryRig;
    let told: FoundBroker[] = [];
    /** So that a test that has failed waits no longer. */
    let isOver = false;

    const open = async (scope: DiscoveryScope = "any") => {
      rig = await make(scope);
      rig.discovery.start((broker) => void told.push(broker));
    };
    const until = async (holds: () => boolean) => {
      while (!isOver && !holds()) await new Promise((resolve) => setTimeout(resolve, 1));
    };
    /** When it is told, what was delivered before it was judged. */
    const sentinel = async (service: Service = SENTINEL) => {
      await rig.deliver(packetOf(service));
      await until(() => told.some(({ name }) => name === service.name));
    };

    beforeEach(() => {
      told = [];
      isOver = false;
    });

    afterEach(async () => {
      isOver = true;
      rig.discovery.stop();
      await rig.close();
    });

    test.each([
      ["plain", "_mqtt._tcp", 1883, false],
      ["TLS", "_secure-mqtt._tcp", 8883, true],
    ])("%s: told with all that is known", async (_name, type, port, tls) => {
      await open();
      await rig.deliver(packetOf({ name: "Kitchen 2.0", type, port, host: "Kitchen.local" }));
      await until(() => told.length > 0);
      expect(told).toEqual([{ name: "Kitchen 2.0", host: "kitchen.local", address: "192.0.2.7", port, tls }]);
    });

    test("each once, and again when its port or its address changed", async () => {
      await open();
      const states = [{ port: 1 }, { port: 1 }, { port: 2 }, { port: 2, address: "192.0.2.8" }, { port: 1 }];
      for (const state of states) await rig.deliver(packetOf({ name: "same", ...state }));
      await sentinel();
      expect(told.slice(0, -1).map(({ port, address }) => `${address}:${port}`)).toEqual([
        "192.0.2.7:1",
        "192.0.2.7:2",
        "192.0.2.8:2",
      ]);
    });

    test("its records may come one by one, the address last", async () => {
      await open();
      for (const record of recordsOf({ name: "slow" })) await rig.deliver(response([record]));
      await until(() => told.length > 0);
      expect(told).toMatchObject([{ name: "slow", port: 1883 }]);
    });

    test.each(UNUSABLE)("%s: nothing of it is told, and it goes on", async (_name, packet) => {
      await open();
      await rig.deliver(packet);
      await sentinel();
      expect(told.map(({ name }) => name)).toEqual(["sentinel"]);
    });

    test("an answer from another port is none (RFC 6762 §6)", async () => {
      await open();
      await rig.deliver(packetOf({ name: "bad" }), true);
      await sentinel();
      expect(told.map(({ name }) => name)).toEqual(["sentinel"]);
    });

    test("damaged packets of every kind do no harm", async () => {
      await open();
      const packet = packetOf({ name: "sentinel" });
      for (let at = 0; at < packet.length; at++) {
        const damaged = packet.slice();
        damaged[at] = (at * 151 + 97) & 0xff;
        await rig.deliver(damaged);
        if (at % 8 === 0) await rig.deliver(packet.subarray(0, at));
      }
      rig.discovery.stop();
      told = [];
      rig.discovery.start((broker) => void told.push(broker));
      await sentinel();
      expect(told.at(-1)).toMatchObject({ name: "sentinel", address: "192.0.2.99", port: 1883 });
    });

    test("names are shown in printable ASCII", async () => {
      await open();
      await rig.deliver(packetOf({ name: "K\u00fcche\u001b[31m" }));
      await until(() => told.length > 0);
      expect(told.map(({ name }) => name)).toEqual(["K?che?[31m"]);
    });

    test("with scope tls, plain ones are left out", async () => {
      await open("tls");
      await rig.deliver(packetOf({ name: "plain" }));
      await sentinel({ ...SENTINEL, type: "_secure-mqtt._tcp" });
      expect(told.map(({ name }) => name)).toEqual(["sentinel"]);
    });

    test(`no more than ${MAX_FOUND} are told`, async () => {
      await open();
      for (let i = 1; i <= MAX_FOUND + 10; i++)
        await rig.deliver(packetOf({ name: `n${i}`, host: `h${i}.local`, address: `192.0.2.${i}` }));
      await until(() => told.length >= MAX_FOUND);
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect(new Set(told.map(({ name }) => name)).size).toBe(MAX_FOUND);
      expect(told).toHaveLength(MAX_FOUND);
    });

    test("after stop nothing is told; after another start it is told again", async () => {
      await open();
      await sentinel();
      rig.discovery.stop();
      rig.discovery.stop();
      await rig.deliver(packetOf({ name: "late", address: "192.0.2.5" }));
      expect(told).toHaveLength(1);
      rig.discovery.start((broker) => void told.push(broker));
      await rig.deliver(packetOf(SENTINEL));
      await until(() => told.length === 2);
      expect(told[1]).toEqual(told[0]);
    });

    test("stopped by what it told, it tells no more", async () => {
      rig = await make("any");
      rig.discovery.start((broker) => {
        told.push(broker);
        rig.discovery.stop();
      });
      const both = [{ name: "a" }, { name: "b", port: 2 }].flatMap(recordsOf);
      await rig.deliver(response(both));
      await until(() => told.length > 0);
      expect(told).toHaveLength(1);
    });
  });
}
