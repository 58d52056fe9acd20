import { afterEach, describe, expect, test } from "@jest/globals";
import { BoardClient } from "../../../provision/board-client.js";
import { VirtualClock } from "../../support/virtual-clock.js";
import { fieldmark, rpc, wifiSettings } from "./packets.js";
import { RecordedHost, WIFI_PASSWORD } from "./recorded-host.js";
import { type Served, serve } from "./served.js";

const MINUTE = 60_000;

let served: Served | undefined;
afterEach(async () => {
  served?.server.close();
  await served?.wire.close();
});

/** A board on a clock that stands still, and what it says to a packet: its own packets as `type:data`, without those that say no error. */
function start(open = 10 * MINUTE) {
  const clock = new VirtualClock();
  const host = new RecordedHost();
  served = serve(host, clock, open);
  const { server, wire, said } = served;
  async function ask(packet: Uint8Array): Promise<string[]> {
    const before = said().length;
    await wire.write(packet);
    for (let turns = 0; turns < 4; turns++) await new Promise((resolve) => setImmediate(resolve));
    const text = Buffer.from(said().subarray(before)).toString("hex");
    return [...text.matchAll(/494d50524f5601(0[1-4])(..)/g)]
      .map(
        ({ 1: type, 2: length, index }) =>
          `${type}:${text.substr(index + 18, 2 * Number.parseInt(length ?? "", 16))}`,
      )
      .filter((packet) => packet !== "02:00");
  }
  return { clock, host, server, ask };
}

describe("the time for which it answers", () => {
  test("ends; a button opens it again; and what comes meanwhile is not answered later", async () => {
    const { clock, server, ask } = start();
    expect(await ask(rpc(2))).toEqual(["01:02"]);
    clock.advance(10 * MINUTE - 1);
    expect(await ask(rpc(2))).toEqual(["01:02"]);
    clock.advance(1);
    expect(server.isOpen).toBe(false);
    expect(await ask(rpc(2))).toEqual([]);
    server.open(MINUTE);
    expect(await ask(rpc(3))).toHaveLength(1);
  });

  test("is prolonged by nothing: no name, no button", async () => {
    const { clock, server, ask } = start();
    clock.advance(9 * MINUTE);
    await ask(rpc(6, Buffer.from("Grat")));
    server.open(10 * MINUTE);
    expect(server.left).toBe(MINUTE);
    clock.advance(MINUTE);
    expect([server.isOpen, server.left]).toEqual([false, 0]);
  });

  test("a network that is joined after the end is not told of", async () => {
    const { server, host, ask } = start();
    const asked = ask(wifiSettings("field", WIFI_PASSWORD));
    await new Promise((resolve) => setImmediate(resolve));
    server.close();
    expect(await asked).toEqual(["01:03"]);
    expect(host.calls).toEqual(["join"]);
  });
});

describe("answers", () => {
  test.each([
    ["a command that there is not", rpc(9), "02:02"],
    [
      "a command whose length is wrong",
      rpc(2, [1]).map((byte, i, all) => (i === 10 ? 0 : i === all.length - 1 ? byte - 1 : byte)),
      "02:01",
    ],
    ["Wi-Fi settings without a name", wifiSettings("", "x"), "02:01"],
    ["Wi-Fi settings that end in the name", rpc(1, [5, 0x61]), "02:01"],
    ["Wi-Fi settings without a password's length", rpc(1, [1, 0x61]), "02:01"],
    ["Wi-Fi settings with more behind", rpc(1, [1, 0x61, 0, 0]), "02:01"],
    ["Wi-Fi settings that are not UTF-8", rpc(1, [1, 0xff, 0]), "02:01"],
    ["an empty part", rpc(0xf1), "02:01"],
    ["a part beyond the last", rpc(0xf1, [2, 1, 2, 2, 0]), "02:01"],
    ["a part before the first", fieldmark(2, 1, "x".repeat(600))[1] as Uint8Array, "02:01"],
    ["a part of an answer that nobody asked for", rpc(0xf1, [4, 1, 0, 0]), "02:01"],
    ["too many parts", rpc(0xf1, [2, 1, 0, 17, ...new Array(240).fill(0)]), "02:01"],
    ["a host name that is none", rpc(5, Buffer.from("-a")), "02:05"],
    ["a device name with a line feed", rpc(6, Buffer.from("a\nb")), "02:01"],
  ])("%s", async (_, packet, answer) => {
    const { host, ask } = start();
    expect(await ask(packet)).toEqual([answer]);
    expect(host.calls).toEqual([]);
  });

  test("its own packets, and others than commands, not at all", async () => {
    const { ask } = start();
    for (const type of [1, 2, 4, 5, 0xff])
      expect(
        await ask(
          rpc(2).map((byte, i, all) => (i === 7 ? type : i === all.length - 1 ? byte - 3 + type : byte)),
        ),
      ).toEqual([]);
  });

  test("a network that never answers: after a while that it could not be joined", async () => {
    const { clock, host, ask } = start();
    host.join = () => {};
    expect(await ask(wifiSettings("field", WIFI_PASSWORD))).toEqual(["01:03"]);
    const waiting = ask(new Uint8Array(0));
    clock.advance(29_000);
    expect(await waiting).toEqual(["02:03", "01:02"]);
  });

  test("a board that fails inside says so, and not why", async () => {
    const { host, ask } = start();
    host.configure = () => {
      throw new Error(`cannot store ${WIFI_PASSWORD}`);
    };
    const [answer = ""] = await ask(fieldmark(2, 1, "{}")[0] as Uint8Array);
    expect(Buffer.from(answer.slice(3), "hex").toString()).toContain("the board could not do it");
    expect(Buffer.from(answer.slice(3), "hex").toString()).not.toContain(WIFI_PASSWORD);
  });
});

test("what could be asked for again is forgotten when somebody else asks", async () => {
  const { host, ask } = start();
  expect(await ask(fieldmark(4, 9)[0] as Uint8Array)).toHaveLength(1);
  await ask(rpc(2));
  host.readNow = () => Uint8Array.of(1);
  const [again] = await ask(fieldmark(4, 9)[0] as Uint8Array);
  expect(again).toMatch(/82004101$/); // [0, h'01']
});

test("BoardClient takes what a slow network list is", async () => {
  served = serve();
  const { host, wire } = served;
  host.networks = Array.from({ length: 40 }, (_, i) => ({
    ssid: `net-${i % 30}`,
    rssi: -30 - i,
    isSecured: i % 2 === 0,
  }));
  const found = await new BoardClient(wire).scan();
  expect(found).toHaveLength(24);
  expect(found[0]).toEqual({ ssid: "net-0", rssi: -30, isSecured: true });
});
