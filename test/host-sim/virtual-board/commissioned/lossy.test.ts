import { afterEach, describe, expect, test } from "@jest/globals";
import { BoardClient } from "../../../../provision/board-client.js";
import type { Wire } from "../../../../provision/wire.js";
import { type Served, serve } from "../../../agent/provision/served.js";
import { type Plugged, plug, WIFI_PASSWORD } from "./board.js";

let served: Served | undefined;
let plugged: Plugged | undefined;
afterEach(async () => {
  served?.server.close();
  await served?.wire.close();
  plugged?.client.close();
  plugged?.board.stop();
  served = undefined;
  plugged = undefined;
});

/** `loses`: what of the packets, counted from 0 in each direction, does not arrive. */
function lossy(wire: Wire, direction: "asked" | "answered", loses: (index: number) => boolean): Wire {
  const counts = { asked: 0, answered: 0 };
  return {
    ...wire,
    async write(data) {
      if (direction !== "asked" || !loses(counts.asked++)) await wire.write(data);
    },
    receive: (handler) =>
      wire.receive((data) => {
        if (direction !== "answered" || !loses(counts.answered++)) handler(data);
      }),
  };
}

const brokers = Array.from({ length: 10 }, (_, i) => ({
  host: `broker-${i}.example.org`,
  password: "p".repeat(40),
}));

describe("what gets lost is asked for again, and nothing is done twice", () => {
  test.each([
    ["each third request", "asked", (i: number) => i % 3 === 1],
    ["each third answer", "answered", (i: number) => i % 3 === 1],
    ["the answer to the last part", "answered", (i: number) => i === 3],
  ] as const)("%s", async (_, direction, loses) => {
    served = serve();
    const { host, wire } = served;
    const client = new BoardClient(lossy(wire, direction, loses), { timeout: 60, tries: 100 });
    await client.settings({ brokers });
    expect(host.calls).toEqual(["configure"]);
    expect(host.configuration.stored).toEqual({ brokers });
    expect(await client.reading()).toEqual(host.frame);
  });

  test("a request for the state that comes late, in the middle of a request or of an answer", async () => {
    served = serve();
    const { host, wire } = served;
    let asked = 0;
    let state: Uint8Array | undefined;
    const late: Wire = {
      ...wire,
      async write(data) {
        state ??= data.slice(); // the first thing that is asked
        await wire.write(data);
        if (asked++ % 4 === 1) await wire.write(state);
      },
    };
    const client = new BoardClient(late, { timeout: 60, tries: 100 });
    await client.settings({ brokers });
    expect(host.calls).toEqual(["configure"]);
    expect(await client.reading()).toEqual(host.frame);
  });

  test("half a packet does not swallow the next", async () => {
    served = serve();
    const { wire } = served;
    await wire.write(Uint8Array.from(Buffer.from("IMPROV\u0001\u0003\u00ff\u00f1\u00fd", "latin1")));
    const client = new BoardClient(wire, { timeout: 700, tries: 60 });
    expect(await client.state()).toEqual({ state: "ready" });
  });

  test("noise: a bit in one of 400 bytes", async () => {
    plugged = plug({ faults: { noise: 2500, seed: 3 }, console: false });
    const client = new BoardClient(plugged.wire, { timeout: 100, tries: 200 });
    for (let i = 0; i < 5; i++) {
      await client.settings({ brokers });
      expect((await client.reading()).length).toBeGreaterThan(100);
    }
    client.close();
  });
});

test("a cable that is pulled ends what is under way", async () => {
  served = serve();
  const { wire } = served;
  const client = new BoardClient(wire);
  const state = client.wifi("field", WIFI_PASSWORD);
  await wire.close();
  await expect(state).rejects.toMatchObject({ code: "closed" });
  await expect(client.state()).rejects.toMatchObject({ code: "closed" });
});

test("a board of another make does not know Fieldmark's commands", async () => {
  served = serve();
  const { wire, log, server } = served;
  server.close();
  wire.receive(() => {});
  const client = new BoardClient(wire, { timeout: 500, tries: 60 });
  const answer = client.reading();
  log(Buffer.from("0a494d50524f5601020102e30a", "hex"));
  await expect(answer).rejects.toMatchObject({ code: "unknown-command" });
});
