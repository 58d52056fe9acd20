import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "@jest/globals";
import { hex, unhex } from "../../agent/cose/kid.js";
import type { Position } from "../../agent/frame/chain.js";
import { BoardWitness, FORGER, STRANGER, WITNESS } from "../support/board-witness.js";
import { temporaryFolder } from "../support/cli.js";
import { type Mosquitto, startMosquitto } from "../support/mosquitto.js";
import { BUILD_TIMEOUT, buildFirmware, Device, describeWithSdk } from "./sdk.js";

const NETWORK = "firmware-test";

/** A sequence of frames of one boot, both ends included. */
const frames = (boot: number, first: number, last: number): Position[] =>
  Array.from({ length: last - first + 1 }, (_, i) => ({ boot, sequence: first + i }));

/** Positions that the device's events of this type name, in order. */
const positions = (device: Device, type: string): Position[] =>
  device.events.flatMap((event) => (event.type === type ? [event.position as Position] : []));

const left = (device: Device) => positions(device, "acknowledged");

describeWithSdk("sim firmware that keeps its frames for a witness", () => {
  let broker: Mosquitto;
  let witness: BoardWitness | undefined;

  beforeAll(async () => {
    await buildFirmware("sim");
    broker = await startMosquitto();
  }, BUILD_TIMEOUT);

  afterEach(async () => {
    await witness?.close();
  });

  afterAll(async () => {
    await broker.stop();
  });

  /** The home of a board that signs a frame each 100 ms. */
  function homeOfBoard(): string {
    const home = temporaryFolder();
    const channels = [{ property: "thermometer.temperature", name: "temperature", unit: "Cel", digits: 2 }];
    const settings = {
      network: NETWORK,
      brokers: [{ host: "127.0.0.1", port: broker.port }],
      copies: 1,
      sensors: [{ kind: "simulated", interval: 100, channels }],
      readings: 1,
      keep: "witnesses",
      witnesses: 1,
      witnessKeys: [hex(WITNESS.publicKey)],
    };
    writeFileSync(join(home, "settings.json"), JSON.stringify(settings));
    return home;
  }

  async function witnessOf(device: Device): Promise<BoardWitness> {
    const { device: kid } = await device.event("booted");
    witness = await BoardWitness.at(broker.url, NETWORK, unhex(String(kid)));
    return witness;
  }

  test("subscribes to its orders and its receipts, and frames leave by these alone", async () => {
    const device = new Device("sim", homeOfBoard());
    const witness = await witnessOf(device);
    await witness.has(5);

    /** The board has read all that was published for it before, and before that the broker's PUBACKs. */
    const isRead = async () => {
      const refused = device.count("command");
      await witness.publish(Buffer.from("no receipt"));
      await device.until(() => device.count("command") > refused);
    };
    await isRead();
    const [first, , third, , fifth] = witness.frames as [Position, Position, Position, Position, Position];
    await witness.says(first, fifth, STRANGER);
    await witness.says(first, fifth, FORGER);
    // Orders are read 100 ms apart, and so are receipts, by which frames leave another 100 ms later.
    for (let turn = 0; turn < 4; turn++) await isRead();
    expect(left(device)).toEqual([]);

    await witness.says(first, third);
    await device.until(() => left(device).length >= 3);
    await isRead();
    expect(left(device)).toEqual(witness.frames.slice(0, 3));
    expect(device.count("link-closed")).toBe(0);
    await device.kill("SIGTERM");
  });

  test("killed while frames wait: all that waited leave by the receipt that covers them, in order", async () => {
    const home = homeOfBoard();
    const killed = new Device("sim", home);
    // Brokers have these before anybody listens: a witness gets them when they come again.
    await killed.until(() => killed.count("signed") >= 10);
    const witness = await witnessOf(killed);
    await witness.has(1);
    await witness.says({ boot: 1, sequence: 0 }, { boot: 1, sequence: 2 });
    // So many that they fill more than one sector of the journal.
    await killed.until(() => left(killed).length >= 3 && killed.count("signed") >= 30);
    await killed.kill("SIGKILL");
    expect(left(killed)).toEqual(frames(1, 0, 2));

    const device = new Device("sim", home);
    const { pending } = await device.event("recovered");
    // The last may have been kept and not told any more.
    expect(pending).toBeGreaterThanOrEqual(killed.count("signed") - 3);
    const waited = [...frames(1, 3, 2 + Number(pending)), ...frames(2, 0, 4)];
    await witness.hasAll(waited);
    await witness.says({ boot: 1, sequence: 3 }, { boot: 2, sequence: 4 });
    await device.until(() => left(device).some(({ boot, sequence }) => boot === 2 && sequence === 4));
    expect(left(device)).toEqual(waited);
    await device.kill("SIGTERM");
  });
});
