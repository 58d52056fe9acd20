import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { createIssuer, type Identity, sending } from "../support/certificates.js";
import { temporaryFolder } from "../support/cli.js";
import { type Mosquitto, startMosquitto } from "../support/mosquitto.js";
import { BUILD_TIMEOUT, buildFirmware, Device, describeWithSdk } from "./sdk.js";
import { CONNACK, type Interloper, startHostileBroker, startProxy, type Tampering } from "./tampering.js";

const CHANNELS = [{ property: "thermometer.temperature", name: "temperature", unit: "Cel", digits: 2 }];

/** A device of one broker, impatient. */
function startDevice(broker: object): Device {
  const home = temporaryFolder();
  const settings = {
    network: "firmware-test",
    brokers: [broker],
    sensors: [{ kind: "simulated", interval: 100, channels: CHANNELS }],
    readings: 2,
    age: 1000,
    copies: 1,
    timeout: 5000,
    backoff: { min: 50, max: 200 },
  };
  writeFileSync(join(home, "settings.json"), JSON.stringify(settings));
  return new Device("sim", home);
}

async function closedReason(device: Device): Promise<unknown> {
  return (await device.event("link-closed")).reason;
}

/** It is still the same boot, and works. */
async function goesOn(device: Device): Promise<void> {
  const from = device.events.length;
  await device.event("link-opened", from - 1);
  await device.event("acknowledged", from);
  expect(device.count("booted")).toBe(1);
  expect(await device.kill("SIGTERM")).toBe(0);
}

describeWithSdk("sim firmware among those that mean it no good", () => {
  const folder = temporaryFolder();
  const issue = createIssuer(folder);
  let authority: Identity;
  let good: Identity;
  let broker: Mosquitto;
  const opened: Interloper[] = [];
  const started: Mosquitto[] = [];

  beforeAll(async () => {
    await buildFirmware("sim");
    authority = issue("authority", { isAuthority: true, keyKind: "rsa" });
    good = issue("broker", { by: authority, names: "IP:127.0.0.1", keyKind: "rsa" });
    broker = await startTls(good);
  }, BUILD_TIMEOUT);

  afterAll(async () => {
    await Promise.all([...opened.map((proxy) => proxy.close()), ...started.map((one) => one.stop())]);
  });

  async function startTls(identity: Identity, more: Record<string, string> = {}): Promise<Mosquitto> {
    const mosquitto = await startMosquitto({
      config: { certfile: identity.chain, keyfile: identity.key, ...more },
    });
    started.push(mosquitto);
    return mosquitto;
  }

  const pinned = (port: number, identity: Identity) => ({
    host: "127.0.0.1",
    port,
    certificate: readFileSync(identity.certificate, "utf8"),
  });

  describe("certificates that are good", () => {
    test.each<[string, () => [Identity, Identity]]>([
      ["signed by the pinned one, which is not sent", () => [good, authority]],
      ["signed by the pinned one, which is sent too", () => [sending(folder, good, authority), authority]],
      ["the pinned one itself", () => [good, good]],
      [
        "on P-256, signed by an authority that the pinned one signed",
        () => {
          const middle = issue("middle", { by: authority, isAuthority: true });
          const own = issue("below", { by: middle, names: "DNS:localhost,IP:127.0.0.1" });
          return [sending(folder, own, middle), authority];
        },
      ],
    ])("%s: frames are acknowledged", async (_, make) => {
      const [sent, pin] = make();
      const { port } = sent === good ? broker : await startTls(sent);
      await goesOn(startDevice(pinned(port, pin)));
    });
  });

  describe("certificates that are not", () => {
    test.each<[string, string, () => Identity]>([
      [
        "signed by another authority",
        "the pinned one did not sign it",
        () => issue("stranger", { names: "IP:127.0.0.1" }),
      ],
      [
        "of one's own, with the pinned one after it",
        "the chain to the pinned one is broken",
        () => sending(folder, issue("impostor", { names: "IP:127.0.0.1", keyKind: "rsa" }), authority),
      ],
      [
        "signed by one that is no authority",
        "the chain to the pinned one is broken",
        () => sending(folder, issue("forged", { by: good, names: "IP:127.0.0.1" }), good),
      ],
      [
        "for another host",
        "it is not for 127.0.0.1",
        () => issue("other", { by: authority, names: "IP:127.0.0.2" }),
      ],
      ["for no host", "it is not for 127.0.0.1", () => issue("nameless", { by: authority })],
      ["that is over", "valid from", () => issue("over", { by: authority, names: "IP:127.0.0.1", days: -1 })],
    ])("%s: no session, and the reason is said", async (_, reason, make) => {
      const { port } = await startTls(make());
      const device = startDevice(pinned(port, authority));
      expect(await closedReason(device)).toContain(reason);
      await device.until(() => device.count("link-closed") > 1);
      expect([device.count("link-opened"), device.count("booted")]).toEqual([0, 1]);
      expect(await device.kill("SIGTERM")).toBe(0);
    });

    test("TLS 1.3 alone: the alert is said", async () => {
      const { port } = await startTls(good, { tls_version: "tlsv1.3" });
      const device = startDevice(pinned(port, authority));
      expect(await closedReason(device)).toContain("alert: 2, 70");
      expect(await device.kill("SIGTERM")).toBe(0);
    });
  });

  /** A record of application data that nobody sealed. */
  const garbage = Buffer.concat([Buffer.of(23, 3, 3, 0, 64), Buffer.alloc(64, 0x5a)]);

  describe("after the handshake", () => {
    // To the device come: the flight up to ServerHelloDone; Finished; then CONNACK.
    test.each<[string, () => Tampering, string]>([
      [
        "a damaged record after a good one, at once",
        () => ({ toDevice: (chunk, number) => (number === 2 ? Buffer.concat([chunk, garbage]) : chunk) }),
        "TLS: ",
      ],
      [
        "bytes that are no record",
        () => ({ toDevice: (chunk, number) => (number === 2 ? Buffer.alloc(2000, 0x42) : chunk) }),
        "bytes that are no record",
      ],
      [
        "a record too long for TLS",
        () => ({ toDevice: (chunk, number) => (number === 2 ? Buffer.of(23, 3, 3, 0xff, 0xff) : chunk) }),
        "a record of 65535 bytes",
      ],
      [
        "a record in the open",
        () => ({ toDevice: (chunk, number) => (number === 2 ? Buffer.of(23, 3, 3, 0, 1, 0x20) : chunk) }),
        "too short",
      ],
      ["a fatal alert, since the broker got a damaged record", spoilingWhatIsSealed, "alert: 2, 20"],
    ])("%s: the session ends, and the next is good", async (_, tampering, reason) => {
      const proxy = await startProxy(broker.port, tampering());
      opened.push(proxy);
      const device = startDevice(pinned(proxy.port, authority));
      expect(await closedReason(device)).toContain(reason);
      await goesOn(device);
    });
  });

  describe("MQTT without TLS", () => {
    test.each<[string, Buffer, string]>([
      [
        "a topic that would fill the memory",
        Buffer.from([...CONNACK, 0x32, 0xff, 0xff, 0x7f, 0xff, 0xff]),
        "no acknowledgement", // it is passed over, and takes no room, but does not come to its end
      ],
      [
        "an answer without end",
        Buffer.from([...CONNACK, 0x90, 0xff, 0xff, 0x7f]),
        "a packet of too many bytes",
      ],
      ["two CONNACKs", Buffer.concat([CONNACK, CONNACK]), "a second CONNACK"],
      ["a session refused, and more", Buffer.from([0x20, 2, 0, 5, 0xd0, 0]), "the session: not authorized"],
      ["a CONNACK that is too long", Buffer.from([0x20, 3, 0, 0, 0]), "a packet of 3 bytes"],
      ["noise", Buffer.from([0, 1, 2, 3, 0xff, 0xff]), "a packet of type 0"],
    ])("%s: the session ends, and the next is good", async (_, answer, reason) => {
      const hostile = await startHostileBroker(answer);
      opened.push(hostile);
      const device = startDevice({ host: "127.0.0.1", port: hostile.port });
      expect(await closedReason(device)).toContain(reason);
      await goesOn(device);
    });
  });
});

/** The broker cannot read anything that comes after its Finished, which is the second thing that it says. */
function spoilingWhatIsSealed(): Tampering {
  let said = 0;
  return {
    toDevice(chunk) {
      said++;
      return chunk;
    },
    toBroker: (chunk) => (said < 2 ? chunk : spoiled(chunk)),
  };
}

/** With its last byte changed. */
function spoiled(chunk: Buffer): Buffer {
  const changed = Buffer.from(chunk);
  changed[changed.length - 1] = (changed[changed.length - 1] as number) ^ 1;
  return changed;
}
