import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { CborReader } from "../../agent/cbor/reader.js";
import { didOfKey } from "../../agent/frame/identity.js";
import { readFrame } from "../../agent/frame/parse.js";
import { createSigner } from "../../node/ports/signer.js";
import { jsonLines, type Running, start, temporaryFolder } from "../support/cli.js";
import { makeFrame } from "../support/frames.js";
import { type Mosquitto, startMosquitto } from "../support/mosquitto.js";
import { BUILD_TIMEOUT, buildFirmware, type ConsoleEvent, Device, describeWithSdk, writeKey } from "./sdk.js";

const KEY = new Uint8Array(32).fill(7);
const NETWORK = "firmware-test";
const CHANNELS = [
  { property: "thermometer.temperature", name: "temperature", unit: "Cel", digits: 2 },
  { property: "hygrometer.humidity", name: "humidity", unit: "/", digits: 3 },
];

/** Settings of a device that is impatient, so that the test need not be patient. */
function writeSettings(home: string, brokers: readonly Mosquitto[], others: object = {}): void {
  const settings = {
    network: NETWORK,
    brokers: brokers.map(({ port }) => ({ host: "127.0.0.1", port })),
    sensors: [{ kind: "simulated", interval: 100, channels: CHANNELS }],
    readings: 2,
    age: 1000,
    timeout: 1000,
    absent: 1500,
    backoff: { min: 50, max: 200 },
    ...others,
  };
  writeFileSync(join(home, "settings.json"), JSON.stringify(settings));
}

describeWithSdk("sim firmware", () => {
  const home = temporaryFolder();
  const registry = join(home, "registry.json");
  const kept = join(home, "kept.cborseq");
  let brokers: Mosquitto[] = [];

  beforeAll(async () => {
    await buildFirmware("sim");
    brokers = await Promise.all([startMosquitto(), startMosquitto()]);
    writeSettings(home, brokers);
    const { publicKey } = createSigner(KEY);
    const sensors = CHANNELS.map(({ name, unit }) => ({ name, unit, min: -100, max: 100, cadence: 1 }));
    const devices = [{ did: didOfKey(publicKey), site: "bench", sensors }];
    writeFileSync(registry, JSON.stringify({ network: NETWORK, devices }));
  }, BUILD_TIMEOUT);

  afterAll(async () => {
    await Promise.all(brokers.map((broker) => broker.stop()));
  });

  async function verifier(): Promise<Running> {
    const urls = brokers.flatMap(({ url }) => ["--broker", url]);
    const verify = start(["verify", ...urls, "--registry", registry, "--out", kept]);
    for (const { url } of brokers) await verify.said(`${url.slice("mqtt://".length)}: subscribed`);
    return verify;
  }

  /** Starts it and waits until so many frames were acknowledged. */
  async function bootUntil(frames: number): Promise<{ device: Device; booted: ConsoleEvent }> {
    const device = new Device("sim", home);
    const booted = await device.event("booted");
    await device.until(() => device.count("acknowledged") >= frames);
    return { device, booted };
  }

  test("killed three times: the same device, the next boot, every frame authentic, the losses declared", async () => {
    writeKey(home, KEY);
    const verify = await verifier();
    const acknowledged: unknown[] = [];
    const identities = new Set<unknown>();
    for (let boot = 1; boot <= 4; boot++) {
      const { device, booted } = await bootUntil(5);
      await device.kill("SIGKILL");
      identities.add(booted.device);
      expect(booted).toMatchObject({
        boot,
        keyMade: false,
        reset: boot === 1 ? "power-on" : "killed",
        resets: boot === 1 ? { "power-on": 1 } : { "power-on": 1, killed: boot - 1 },
      });
      acknowledged.push(...device.events.filter(({ type }) => type === "acknowledged").map(positionOf));
    }
    expect(identities.size).toBe(1);
    verify.process.kill("SIGINT");
    const { code, stdout } = await verify.finished;
    const judged = jsonLines(stdout);
    expect(judged.filter(({ verdict }) => verdict !== "ok" && verdict !== "duplicate")).toEqual([]);
    expect(judged.filter(({ verdict }) => verdict === "ok").map(placeOf)).toEqual(
      expect.arrayContaining(acknowledged),
    );
    expect(code).toBe(0);
  });

  test("its frames are those that Node's signer makes of the same content", () => {
    const file = readFileSync(kept);
    const reader = new CborReader(file);
    const signer = createSigner(KEY);
    let frames = 0;
    for (; reader.offset < file.length; frames++) {
      const frame = readFrame(reader);
      const again = makeFrame(
        [...frame.readings],
        { ...frame, time: frame.time ?? 0 },
        { network: NETWORK, signer },
      );
      expect(Buffer.from(again).equals(frame.bytes)).toBe(true);
    }
    expect(frames).toBeGreaterThanOrEqual(10);
  });

  test("a broker killed, then one frozen: frames go on, and sessions come back", async () => {
    const [first, second] = brokers as [Mosquitto, Mosquitto];
    const verify = await verifier();
    const { device } = await bootUntil(3);
    await second.kill();
    await device.event("link-closed");
    const before = device.count("acknowledged");
    await device.until(() => device.count("acknowledged") > before + 3);
    const restarted = device.events.length;
    await second.restart();
    await device.event("link-opened", restarted);
    const frozen = device.events.length;
    await first.kill("SIGSTOP");
    expect(await device.event("link-closed", frozen)).toMatchObject({ reason: "no acknowledgement" });
    await first.kill("SIGCONT");
    await device.event("link-opened", frozen);
    const resumed = device.count("acknowledged");
    await device.until(() => device.count("acknowledged") > resumed + 3);
    expect(await device.kill("SIGTERM")).toBe(0);

    // Opened and closed take turns, link by link.
    const open = new Set<unknown>();
    for (const { type, link, wasOpen } of device.events) {
      if (type === "link-opened") expect(open.has(link)).toBe(false);
      if (type === "link-closed") expect(open.has(link)).toBe(wasOpen);
      if (type === "link-opened") open.add(link);
      if (type === "link-closed") open.delete(link);
    }
    verify.process.kill("SIGINT");
    const { stdout } = await verify.finished;
    const judged = jsonLines(stdout);
    expect(judged.filter(({ verdict }) => verdict !== "ok" && verdict !== "duplicate")).toEqual([]);
    const signed = device.events.filter(({ type }) => type === "signed").map(positionOf);
    const judgedPlaces = judged.filter(({ verdict }) => verdict === "ok").map(placeOf);
    expect(judgedPlaces).toEqual(expect.arrayContaining(signed.slice(0, -2)));
  });

  test("makes its key on the first boot, for its owner only, and keeps it", async () => {
    const fresh = temporaryFolder();
    writeSettings(fresh, brokers);
    const keys = [];
    for (let boot = 1; boot <= 2; boot++) {
      const device = new Device("sim", fresh);
      const booted = await device.event("booted");
      await device.kill("SIGKILL");
      expect(booted).toMatchObject({ boot, keyMade: boot === 1 });
      keys.push(booted.publicKey);
    }
    expect(keys[1]).toBe(keys[0]);
  });

  test("whose key was lost has a new one, signs nothing with it, and names the earlier one", async () => {
    const lost = temporaryFolder();
    writeSettings(lost, brokers);
    const first = new Device("sim", lost);
    const { device: earlier } = await first.event("booted");
    await first.event("acknowledged");
    await first.kill("SIGKILL");
    rmSync(join(lost, "fieldmark.key"));

    const second = new Device("sim", lost);
    const booted = await second.event("booted");
    expect(booted).toMatchObject({ keyMade: true });
    expect(await second.event("identity-changed")).toMatchObject({ device: booted.device, earlier });
    await second.event("network-up");
    await second.kill("SIGKILL");
    expect(second.events.filter(({ type }) => type === "signed" || type === "link-opened")).toEqual([]);
  });

  test("asked to discover brokers, it says that it cannot, and goes on", async () => {
    const asked = temporaryFolder();
    writeSettings(asked, brokers, { discover: "any" });
    const device = new Device("sim", asked);
    expect(await device.event("discovery-failed")).toMatchObject({
      reason: "sim cannot ask the link for brokers",
    });
    await device.event("acknowledged");
    await device.kill("SIGTERM");
  });

  test.each([
    ["no broker", { brokers: [] }, "brokers: "],
    [
      "a unit that is none",
      { sensors: [{ kind: "simulated", interval: 1, channels: [{ ...CHANNELS[0], unit: "furlong" }] }] },
      "unit: furlong",
    ],
  ])("%s: it says so and ends", async (_, settings, reason) => {
    const wrong = temporaryFolder();
    writeFileSync(join(wrong, "settings.json"), JSON.stringify(settings));
    const device = new Device("sim", wrong);
    expect(await device.event("boot-failed")).toMatchObject({ reason: expect.stringContaining(reason) });
    expect(await device.ended).not.toBe(0);
  });

  test("a boot counter that is damaged: it says which record, and does not start over", async () => {
    const wrong = temporaryFolder();
    writeSettings(wrong, brokers);
    writeFileSync(join(wrong, "store-boot"), Buffer.of(0x83, 1));
    const device = new Device("sim", wrong);
    const { reason } = await device.event("boot-failed");
    expect(reason).toMatch(/key "boot" of the key-value store, 2 bytes, is no boot record \(truncated at/);
    expect(await device.ended).not.toBe(0);
  });

  test("reset counts that are damaged: it starts, and says what they were", async () => {
    const wrong = temporaryFolder();
    writeSettings(wrong, brokers);
    writeFileSync(join(wrong, "store-resets"), Buffer.of(0x83, 1));
    const device = new Device("sim", wrong);
    expect(await device.event("booted")).toMatchObject({ boot: 1, resetsDamaged: "8301" });
    await device.kill("SIGKILL");
  });

  test.each([
    ["settings.json", "settings.json"],
    ["store-boot", "store-boot"],
    ["fieldmark.key", "the file fieldmark.key"],
  ])("%s is there and cannot be read: it says so, and does not start over", async (name, said) => {
    const wrong = temporaryFolder();
    mkdirSync(join(wrong, name));
    const device = new Device("sim", wrong);
    expect(await device.event("boot-failed")).toMatchObject({ reason: expect.stringContaining(said) });
    expect(await device.ended).not.toBe(0);
  });
});

const placeOf = ({ boot, sequence }: Readonly<Record<string, unknown>>) => `${boot}/${sequence}`;
const positionOf = ({ position }: ConsoleEvent) => placeOf(position as Record<string, unknown>);
