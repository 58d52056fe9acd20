import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import type { Answer } from "dns-packet";
import type { DiscoveryEvent } from "../../../agent/ports/discovery.js";
import { nameOf } from "../../../node/mqtt/broker-address.js";
import { createDiscovery, discoverBrokers } from "../../../node/ports/discovery.js";
import { BrokerRecords } from "../../../node/ports/discovery-records.js";
import { freePort, LOOPBACK, Responder, recordsOf } from "../../conformance/discovery-link.js";

const SERVICES = [
  { name: "kitchen", address: "192.0.2.7" },
  { name: "cellar", type: "_secure-mqtt._tcp", host: "cellar.local", address: "192.0.2.8", port: 8883 },
];

describe("brokers as URLs", () => {
  let port = 0;
  let link: Responder;

  beforeEach(async () => {
    port = await freePort();
    link = new Responder(port);
    await link.ready();
  });

  afterEach(() => link.close());

  test.each([
    ["all at once", true, 60],
    ["only what is asked for", false, 60],
  ])("from a responder that says %s", async (_name, hasAdditionals, seconds) => {
    link.serve(SERVICES, hasAdditionals);
    const urls = (await discoverBrokers(seconds, { interface: LOOPBACK, port })).map(nameOf);
    expect(urls.sort()).toEqual(["mqtt://192.0.2.7:1883", "mqtts://cellar.local:8883"]);
  });

  test("with scope tls, plain ones are not asked for", async () => {
    link.serve(SERVICES);
    const urls = (await discoverBrokers(60, { scope: "tls", interface: LOOPBACK, port })).map(nameOf);
    expect(urls).toEqual(["mqtts://cellar.local:8883"]);
    expect(link.queries.flat()).not.toContain("PTR _mqtt._tcp.local");
  });

  test("none where nobody answers", async () => {
    expect(await discoverBrokers(0.3, { interface: LOOPBACK, port })).toEqual([]);
  });

  test("a broker on this machine, on its loopback interface", async () => {
    link.serve([{ name: "own", address: "127.0.0.1", port: 4711 }]);
    const found = await discoverBrokers(60, { interface: LOOPBACK, port });
    expect(found.map(nameOf)).toEqual(["mqtt://127.0.0.1:4711"]);
  });

  test("instances without a host cost no more than two follow-up queries of ten questions", async () => {
    const pointers = Array.from({ length: 500 }, (_, i) => ({
      type: "PTR" as const,
      name: "_mqtt._tcp.local",
      data: `liar${i}._mqtt._tcp.local`,
      ttl: 4500,
    }));
    const discovery = createDiscovery({ interface: LOOPBACK, port });
    discovery.start(() => {});
    await link.asked(0);
    for (let i = 0; i < 20; i++) link.say(pointers);
    await link.asked(3);
    discovery.stop();
    // The last is the next regular query.
    expect(link.queries.map(({ length }) => length)).toEqual([2, 10, 10, 12]);
  });
});

test("an interface that there is not: an event, and no brokers", async () => {
  const events: DiscoveryEvent[] = [];
  const options = { interface: "203.0.113.1", observe: (event: DiscoveryEvent) => void events.push(event) };
  expect(await discoverBrokers(0.2, { ...options, port: await freePort() })).toEqual([]);
  expect(events.map(({ type }) => type)).toContain("discovery-failed");
});

test("it is not started twice", async () => {
  const discovery = createDiscovery({ interface: LOOPBACK, port: await freePort() });
  discovery.start(() => {});
  expect(() => discovery.start(() => {})).toThrow("started already");
  discovery.stop();
});

test("a service that moves to another host is not told with the address of the old one", () => {
  const records = new BrokerRecords();
  records.take(recordsOf({ name: "moved" }));
  const [, service] = recordsOf({ name: "moved", host: "new.local" });
  records.take([service as Answer]);
  expect([records.complete(), records.missing()]).toEqual([[], [{ type: "A", name: "new.local" }]]);
  records.take(recordsOf({ name: "moved", host: "new.local", address: "192.0.2.9" }));
  expect(records.complete()).toMatchObject([{ host: "new.local", address: "192.0.2.9" }]);
});

test("a host with two addresses keeps the one that is known, and a service that said goodbye is forgotten", () => {
  const records = new BrokerRecords();
  const [pointer, service, , address] = recordsOf({ name: "two" }) as [Answer, Answer, Answer, Answer];
  const other = { ...address, data: "192.0.2.9" } as Answer;
  records.take([pointer, service, address]);
  records.take([other, address]);
  expect(records.complete()).toMatchObject([{ address: "192.0.2.7" }]);
  records.take([{ ...pointer, ttl: 0 } as Answer]);
  expect(records.complete()).toEqual([]);
});
