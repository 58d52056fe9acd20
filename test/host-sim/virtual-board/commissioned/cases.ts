import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "@jest/globals";
import { connectAsync } from "mqtt";
import { createFrameChecker } from "../../../../agent/frame/check.js";
import { commandTopic } from "../../../../agent/frame/topic.js";
import { writeCommand } from "../../../../agent/provision/command.js";
import { readOutcome } from "../../../../agent/provision/read-outcome.js";
import { readStatement } from "../../../../agent/provision/read-statement.js";
import type { Boots } from "../../../../host-sim/virtual-board/boot.js";
import { startPty } from "../../../../host-sim/virtual-board/pty.js";
import { parseBrokerUrl } from "../../../../node/mqtt/broker-address.js";
import { mqttSource } from "../../../../node/network/subscriber.js";
import { createSigner, signatureChecker } from "../../../../node/ports/signer.js";
import { BoardClient } from "../../../../provision/board-client.js";
import { connectSdk } from "../../../agent/provision/improv-sdk.js";
import { type Mosquitto, startMosquitto } from "../../../support/mosquitto.js";
import { expectNoSecrets, newFolder, type Plugged, plug, SSID, WIFI_PASSWORD } from "./board.js";
import { openTerminal } from "./wires.js";

export const CHALLENGE = Uint8Array.from({ length: 32 }, (_, i) => 7 * i);
/** Milliseconds: a machine of its own takes a while to start. */
const EMULATED = 2000;
/** Milliseconds that a board answers for: long enough for one answer on a busy machine. */
const OPEN = 3000;
const OWNER = createSigner(new Uint8Array(32).fill(8));
const running: Plugged[] = [];
const brokers: Mosquitto[] = [];

afterEach(async () => {
  for (const plugged of running.splice(0)) {
    plugged.client.close();
    plugged.board.stop();
    expectNoSecrets(plugged);
  }
  for (const broker of brokers.splice(0)) await broker.stop();
});

/** A board that is taken away after the test, and has then said no secret. */
export function plugged(...options: Parameters<typeof plug>): Plugged {
  const board = plug(...options);
  running.push(board);
  return board;
}

/** Takes the board's power away in the middle of a test. */
export function unplug(board: Plugged): void {
  running.splice(running.indexOf(board), 1);
  board.client.close();
  board.board.stop();
}

/** What the frame says, if it is the board's own of that network. */
function checked(frame: Uint8Array, network: string, publicKey: Uint8Array) {
  const result = createFrameChecker({ network, publicKey: () => publicKey }, signatureChecker).check(frame);
  if ("failure" in result) throw new Error(result.failure.detail);
  return result.frame;
}

/** What every simulated board does, whatever runs its firmware: this process where `boots` is left out. */
export function boardCases(name: string, boots?: () => Promise<Boots>): void {
  const board = async (options: Parameters<typeof plug>[0] = {}) => {
    if (boots === undefined) return plugged(options);
    const its = plugged({ ...options, boots: await boots() }, EMULATED);
    await its.seen(({ type }) => type === "provisioning-open");
    return its;
  };

  describe(name, () => {
    test("is provisioned, reads, and publishes to its broker", async () => {
      const broker = await startMosquitto();
      brokers.push(broker);
      const { client, seen } = await board();
      await expect(client.wifi(SSID, "wrong")).rejects.toMatchObject({ code: "unable-to-connect" });
      await client.wifi(SSID, WIFI_PASSWORD);
      await client.settings({ network: "ridge", brokers: [{ host: "127.0.0.1", port: broker.port }] });
      await client.restart();

      const { publicKey, statement } = await client.identity(CHALLENGE);
      const said = readStatement(statement, signatureChecker);
      expect(said).toMatchObject({ network: "ridge", chip: "ESP32-C3", model: "sim", challenge: CHALLENGE });
      const arrived: Uint8Array[] = [];
      const address = parseBrokerUrl(broker.url);
      const source = { address, network: "ridge", clientId: "test", keepSession: false };
      let subscribed = () => {};
      const isThere = new Promise<void>((resolve) => {
        subscribed = resolve;
      });
      const subscriber = mqttSource(source)({
        frame: (bytes) => void arrived.push(bytes.slice()),
        state: (_, state) => state === "subscribed" && subscribed(),
        failed() {},
      });
      await isThere;
      const frame = await client.reading();
      const { readings, boot, sequence } = checked(frame, "ridge", publicKey);
      expect([...readings].map(({ name }) => name)).toEqual(["temperature", "humidity", "pressure"]);
      expect(boot).toBe(2);
      await seen((event) => event.type === "acknowledged" && event.position.sequence >= sequence);
      await subscriber.close(true);
      expect(arrived.map((bytes) => Buffer.from(bytes).toString("hex"))).toContain(
        Buffer.from(frame).toString("hex"),
      );
      expect(await client.journal()).toMatchObject({
        boot: 2,
        dropped: 0,
        brokers: [expect.stringContaining(`127.0.0.1:${broker.port}`)],
      });
      expect(await client.state()).toEqual({ state: "provisioned" });
    });

    test("refuses what comes to its command topic and is no order; a long message, too, and an empty one is none", async () => {
      const broker = await startMosquitto();
      brokers.push(broker);
      const { client, events, seen } = await board();
      await client.settings({ brokers: [{ host: "127.0.0.1", port: broker.port }] });
      await client.restart();
      await client.wifi(SSID, WIFI_PASSWORD);
      await seen(({ type }) => type === "link-opened");
      const device = readStatement((await client.identity(CHALLENGE)).statement, signatureChecker).kid;
      const topic = commandTopic("demo", Buffer.from(device).toString("hex"));
      const publisher = await connectAsync(broker.url);
      for (const length of [0, 10, 1024, 1025, 3000])
        await publisher.publishAsync(topic, Buffer.alloc(length, 0x61), { qos: 1 });
      await publisher.endAsync();
      const refused = () =>
        events.filter((event) => event.type === "command" && event.outcome.type === "refused");
      // Of several that were too long the last is told.
      await seen(() => JSON.stringify(refused()).includes("it has 3000 bytes, of which a board reads 1024"));
      await seen(() => JSON.stringify(refused()).split("it is no order").length === 3);
      expect((await client.reading()).length).toBeGreaterThan(100);
    });

    test("comes back from an order that would cost it, and says so", async () => {
      const broker = await startMosquitto();
      brokers.push(broker);
      const publisher = await connectAsync(broker.url);
      const said: string[] = [];
      publisher.on("message", (topic, payload) => {
        if (!topic.endsWith("/event")) return;
        const { outcome, reason } = readOutcome(payload, signatureChecker);
        const word = `${outcome} ${reason}`.trim();
        if (said.at(-1) !== word) said.push(word); // each boot says it again
      });
      await publisher.subscribeAsync("fieldmark/#", { qos: 1 });
      const { client, events, seen } = await board();
      await client.wifi(SSID, WIFI_PASSWORD);
      await client.settings({ brokers: [{ host: "127.0.0.1", port: broker.port }], age: 100 });
      await client.owner(OWNER.publicKey);
      await client.restart();
      await seen(({ type }) => type === "acknowledged");
      const { kid, ownership } = readStatement(
        (await client.identity(CHALLENGE)).statement,
        signatureChecker,
      );
      let counter = 0;
      const order = (settings: object) => {
        const body = JSON.stringify(settings);
        const until = Math.floor(Date.now() / 1000) + 3600;
        const rest = { counter: ++counter, until, verb: "settings", body } as const;
        const command = { network: "demo", kid, ownership, ...rest };
        const topic = commandTopic("demo", Buffer.from(kid).toString("hex"));
        return publisher.publishAsync(topic, Buffer.from(writeCommand(command, OWNER)), { qos: 1 });
      };
      const ends = () =>
        events.filter(({ type }) => type === "settings-reverted" || type === "settings-kept");
      const dead = { brokers: [{ host: "127.0.0.1", port: 1 }], trial: 1500 };
      for (const costly of [dead, { ...dead, brokers: [{ host: "no-such-host.invalid" }] }]) {
        const before = ends().length;
        const boots = events.filter(({ type }) => type === "booted").length;
        await order(costly);
        await seen(() => ends().length > before);
        expect(ends().at(-1)).toEqual({
          type: "settings-reverted",
          reason: "no broker acknowledged a frame",
        });
        expect(events.filter(({ type }) => type === "booted").length).toBe(boots + 2);
      }
      await order({ network: "ridge" });
      await seen(() => ends().length === 3);
      expect(ends()[2]).toEqual({ type: "settings-kept" });
      await new Promise<void>((resolve) => {
        publisher.on("message", () => said.at(-1) === "kept" && resolve());
        if (said.at(-1) === "kept") resolve();
      });
      const reverted = "reverted no broker acknowledged a frame";
      expect(said).toEqual(["on-trial", reverted, "on-trial", reverted, "on-trial", "kept"]);
      await publisher.endAsync();
      expect(readStatement((await client.identity(CHALLENGE)).statement, signatureChecker).network).toBe(
        "ridge",
      );
    });

    test("answers on its wire whatever is stored, and takes other settings", async () => {
      for (const stored of [
        '{"age":',
        "\xff\xfe",
        '{"wlan":1}',
        '{"sensors":[{"kind":"simulated"}],"age":5}',
        "[]",
      ]) {
        const state = newFolder();
        unplug(await board({ state }));
        writeFileSync(join(state, "nvs", "settings"), stored, "latin1");
        const { client, seen } = await board({ state });
        await seen(({ type }) => type === "settings-failed");
        expect(await client.state()).toEqual({ state: "ready" });
        await expect(client.reading()).rejects.toMatchObject({ code: "refused" });
        await client.settings({ network: "ridge" });
        await client.restart();
        expect(readStatement((await client.identity(CHALLENGE)).statement, signatureChecker).network).toBe(
          "ridge",
        );
        expect((await client.reading()).length).toBeGreaterThan(100);
      }
    });

    describe("that cannot start", () => {
      /** One whose `key` of the store holds what is none. */
      async function damaged(key: string, stored = "\x99nonsense") {
        const state = newFolder();
        unplug(await board({ state }));
        writeFileSync(join(state, "nvs", key), stored, "latin1");
        const its = await board({ state });
        expect(await its.seen(({ type }) => type === "boot-failed")).toBeDefined();
        return { ...its, state };
      }

      // An emulated chip is given its key by Node, which has none to give here.
      const withKey = boots === undefined ? test : () => {};
      withKey("tells over its wire that its key is none, and keeps it", async () => {
        const { client, events, state } = await damaged("key");
        const why = {
          code: "refused",
          message: expect.stringMatching(/cannot start: .*in the place of a key/),
        };
        expect(await client.state()).toEqual({ state: "ready" });
        await expect(client.identity(CHALLENGE)).rejects.toMatchObject(why);
        await expect(client.reading()).rejects.toMatchObject(why);
        await expect(client.journal()).rejects.toMatchObject(why);
        expect(events.filter(({ type }) => type === "signed")).toEqual([]);
        expect(readFileSync(join(state, "nvs", "key"), "latin1")).toBe("\x99nonsense");
      });

      test("says that no reset mends its boot counter, and signs no frame", async () => {
        const { client, events } = await damaged("boot");
        const { statement } = await client.identity(CHALLENGE);
        const device = Buffer.from(readStatement(statement, signatureChecker).kid).toString("hex");
        const why = { code: "refused", message: expect.stringContaining("boot record") };
        await expect(client.reading()).rejects.toMatchObject(why);
        await expect(client.reset(`ERASE ${device}`)).rejects.toMatchObject({
          code: "refused",
          message: expect.stringContaining("erase the whole chip"),
        });
        expect(events.filter(({ type }) => type === "signed")).toEqual([]);
      });
    });

    describe("whose key is gone", () => {
      const LOST = expect.stringContaining("the key was lost or replaced");

      /** Signs nothing with the new key; after a reset it is a new device. `earlier`: kid of the old one, where it is known. */
      async function expectWaits(state: string, did: string, earlier: object): Promise<void> {
        for (let boot = 1; boot <= 2; boot++) {
          const waiting = await board({ state });
          const { client, seen, events } = waiting;
          const { publicKey, statement, did: its } = await client.identity(CHALLENGE);
          const device = Buffer.from(readStatement(statement, signatureChecker).kid).toString("hex");
          expect(its).not.toBe(did);
          expect(await seen(({ type }) => type === "identity-changed")).toEqual({
            type: "identity-changed",
            device,
            ...earlier,
          });
          await client.wifi(SSID, WIFI_PASSWORD);
          await expect(client.reading()).rejects.toMatchObject({ code: "refused", message: LOST });
          expect(await client.journal()).toMatchObject({ boot: 0, queue: 0 });
          expect(events.filter(({ type }) => type === "signed" || type === "link-opened")).toEqual([]);
          if (boot === 2) {
            await client.reset(`ERASE ${device}`);
            expect(await client.journal()).toMatchObject({ boot: 1, queue: 0 });
            const frame = checked(await client.reading(), "demo", publicKey);
            expect(frame).toMatchObject({ boot: 1, sequence: 0 });
            expect(events.filter(({ type }) => type === "identity-changed")).toHaveLength(1);
          }
          unplug(waiting);
        }
      }

      /** The folder of one that has frames of two boots, its `did` and its kid in hex. */
      async function used() {
        const state = newFolder();
        const first = await board({ state });
        await first.client.settings({ brokers: [{ host: "127.0.0.1", port: 1 }] });
        await first.client.restart();
        await first.client.reading();
        const { did, statement } = await first.client.identity(CHALLENGE);
        unplug(first);
        const kid = Buffer.from(readStatement(statement, signatureChecker).kid).toString("hex");
        return { state, did, kid };
      }

      test("it waits for a reset, and is a new device then", async () => {
        const { state, did, kid } = await used();
        rmSync(join(state, "nvs", "key"));
        const counted = join(state, "nvs", "command"); // of orders to the identity that is gone
        writeFileSync(counted, Uint8Array.of(0x18, 40));
        await expectWaits(state, did, { earlier: kid });
        expect(existsSync(counted)).toBe(false);
      });

      test("so does one whose boot counter is of firmware that did not say whose it was", async () => {
        const { state, did } = await used();
        rmSync(join(state, "nvs", "key"));
        rmSync(join(state, "journal.flash"));
        writeFileSync(join(state, "nvs", "boot"), Uint8Array.of(0x83, 2, 0, 0));
        await expectWaits(state, did, {});
      });

      test("and one of which only the journal is left", async () => {
        const { state, did, kid } = await used();
        rmSync(join(state, "nvs"), { recursive: true });
        await expectWaits(state, did, { earlier: kid });
      });
    });

    test("takes a clock that can be, again and again, and refuses one that cannot", async () => {
      const { client } = await board();
      expect(await client.setClock(1_795_000_000_000)).toBe(1);
      for (const unix of [0, 1_795_000_000, 1_700_000_000_000, 2_500_000_000_000])
        await expect(client.setClock(unix)).rejects.toMatchObject({
          code: "refused",
          message: expect.stringContaining("of the 20 years from 2026-01-01, when this firmware was built"),
        });
      expect(await client.setClock(1_800_000_000_000)).toBe(1);
      const { publicKey } = await client.identity(CHALLENGE);
      const { time } = checked(await client.reading(), "demo", publicKey);
      expect(time).toBeGreaterThan(1_799_999_990);
    });

    test("without an owner sends no stored password into a network that it is brought into", async () => {
      const PASSWORD = "stored-broker-password";
      let heard = Buffer.alloc(0);
      let hear = () => {};
      const hears = new Promise<void>((resolve) => {
        hear = resolve;
      });
      const thief = createServer((socket) => {
        socket.on("error", () => {});
        socket.on("data", (data) => {
          heard = Buffer.concat([heard, data]);
          hear();
        });
      });
      await new Promise<void>((resolve) => thief.listen(0, "127.0.0.1", resolve));
      try {
        const { port } = thief.address() as AddressInfo;
        const { client, events } = await board();
        await client.settings({ brokers: [{ host: "127.0.0.1", port, user: "board", password: PASSWORD }] });
        await client.restart();
        await expect(client.wifi(SSID, "wrong")).rejects.toMatchObject({ code: "unable-to-connect" });
        await client.wifi(SSID, WIFI_PASSWORD);
        await hears;
        expect(heard.toString("latin1")).toContain("MQTT");
        expect(heard.toString("latin1")).not.toContain(PASSWORD);
        // After each of the two tries, beside the one that was asked for.
        expect(events.filter(({ type }) => type === "booted").length).toBeGreaterThanOrEqual(3);
      } finally {
        thief.close();
      }
    });

    test("reads before it has a network, with the clock that it is given", async () => {
      const { client } = await board();
      expect(await client.setClock(1_795_000_000_000)).toBe(1);
      const { publicKey } = await client.identity(CHALLENGE);
      const first = checked(await client.reading(), "demo", publicKey);
      const second = checked(await client.reading(), "demo", publicKey);
      expect([first.sequence, second.sequence, first.clock]).toEqual([0, 1, 1]);
      expect(await client.journal()).toMatchObject({ queue: 2, brokers: [] });
    });

    test("is the same board after the power was away; a reset makes it forget all but its identity", async () => {
      const state = newFolder();
      const before = await board({ state });
      const { did } = await before.client.identity(CHALLENGE);
      await before.client.wifi(SSID, WIFI_PASSWORD);
      await before.client.name("Grat 12");
      await before.client.reading();
      unplug(before);

      const { client } = await board({ state });
      expect((await client.identity(CHALLENGE)).did).toBe(did);
      expect((await client.info()).name).toBe("Grat 12");
      expect((await client.journal()).queue).toBeGreaterThanOrEqual(1);
      const device = readStatement((await client.identity(CHALLENGE)).statement, signatureChecker).kid;
      const lost = await client.reset(`ERASE ${Buffer.from(device).toString("hex")}`);
      expect(lost).toBeGreaterThanOrEqual(1);
      expect((await client.identity(CHALLENGE)).did).toBe(did);
      expect((await client.info()).name).toBe(`Fieldmark ${Buffer.from(device).toString("hex").slice(-4)}`);
      expect(await client.journal()).toMatchObject({ queue: 0, boot: 3 });
      expect(await client.state()).toEqual({ state: "ready" });
      const { publicKey } = await client.identity(CHALLENGE);
      expect(checked(await client.reading(), "demo", publicKey).boot).toBe(3);
    });

    test("answers for a time, and again when its button is pressed", async () => {
      const { client, wire, board: its, seen } = await board({ open: OPEN });
      await seen(({ type }) => type === "provisioning-closed");
      const hurried = new BoardClient(wire, { timeout: 50, tries: 2 });
      await expect(hurried.state()).rejects.toMatchObject({ code: "timeout" });
      hurried.close();
      its.button();
      expect(await client.state()).toEqual({ state: "ready" });
    });

    test("on a pty: the SDK and the client, one after the other", async () => {
      const pty = await startPty(join(__dirname, "../../../.."));
      await board({ port: pty });
      const wire = await openTerminal(pty.path);
      const { client } = connectSdk(wire);
      await client.initialize();
      await client.provision(SSID, WIFI_PASSWORD);
      expect(client.state).toBe(4);
      await wire.close();
      const again = await openTerminal(pty.path);
      const own = new BoardClient(again, { timeout: EMULATED, tries: 60 });
      expect((await own.scan()).map(({ ssid }) => ssid)).toEqual([SSID, "far"]);
      expect((await own.reading()).length).toBeGreaterThan(100);
      own.close();
      await again.close();
    });
  });
}
