import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { hex, unhex } from "../../agent/cose/kid.js";
import { BoardWitness, FORGER, STRANGER, WITNESS } from "../support/board-witness.js";
import { temporaryFolder } from "../support/cli.js";
import { type Mosquitto, startMosquitto } from "../support/mosquitto.js";
import { BUILD_TIMEOUT, buildFirmware, Device, describeWithSdk } from "./sdk.js";

describeWithSdk("sim firmware that keeps its frames for a witness", () => {
  let broker: Mosquitto;
  let witness: BoardWitness | undefined;

  beforeAll(async () => {
    await buildFirmware("sim");
    broker = await startMosquitto();
  }, BUILD_TIMEOUT);

  afterAll(async () => {
    await witness?.close();
    await broker.stop();
  });

  test("subscribes to its orders and its receipts, and frames leave by these alone", async () => {
    const home = temporaryFolder();
    const channels = [{ property: "thermometer.temperature", name: "temperature", unit: "Cel", digits: 2 }];
    const settings = {
      network: "firmware-test",
      brokers: [{ host: "127.0.0.1", port: broker.port }],
      copies: 1,
      sensors: [{ kind: "simulated", interval: 100, channels }],
      readings: 1,
      keep: "witnesses",
      witnesses: 1,
      witnessKeys: [hex(WITNESS.publicKey)],
    };
    writeFileSync(join(home, "settings.json"), JSON.stringify(settings));
    const device = new Device("sim", home);
    const { device: kid } = await device.event("booted");
    witness = await BoardWitness.at(broker.url, "firmware-test", unhex(String(kid)));
    await witness.has(5);

    const left = () =>
      device.events.flatMap(({ type, position }) => (type === "acknowledged" ? [position] : []));
    /** The board has read all that was published for it before, and before that the broker's PUBACKs. */
    const isRead = async () => {
      const refused = device.count("command");
      await (witness as BoardWitness).publish(Buffer.from("no receipt"));
      await device.until(() => device.count("command") > refused);
    };
    await isRead();
    await witness.says(0, 4, STRANGER);
    await witness.says(0, 4, FORGER);
    // Orders are read 100 ms apart, and so are receipts, by which frames leave another 100 ms later.
    for (let turn = 0; turn < 4; turn++) await isRead();
    expect(left()).toEqual([]);

    await witness.says(0, 2);
    await device.until(() => left().length >= 3);
    await isRead();
    expect(left()).toEqual(witness.frames.slice(0, 3));
    expect(device.count("link-closed")).toBe(0);
    await device.kill("SIGTERM");
  });
});
