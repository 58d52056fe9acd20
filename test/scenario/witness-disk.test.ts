import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeEach, expect, test } from "@jest/globals";
import { temporaryFolder } from "../support/cli.js";
import { type Disk, smallDisk } from "../support/disk.js";
import { Load } from "../support/load.js";
import { type Mosquitto, startMosquitto } from "../support/mosquitto.js";
import { type MqttProxy, startMqttProxy } from "../support/mqtt-proxy.js";
import { notRun } from "../support/not-run.js";
import { TestWitness } from "../support/witness.js";
import { expectAll, expectOneInventoryEach, isRunning } from "../support/witness-checks.js";

const DEVICES = 10;
/** Frames a second. */
const RATE = 200;

const disk = smallDisk(24);
let broker: Mosquitto;
let proxy: MqttProxy;
let load: Load;
let witness: TestWitness;

beforeEach(async () => {
  broker = await startMosquitto({ config: { persistence: true, max_inflight_messages: 1000 } });
  proxy = await startMqttProxy(broker.port);
  load = await Load.to(broker.url, DEVICES, RATE);
});
afterEach(async () => {
  await load.close();
  await proxy.close();
  await broker.stop();
});

async function running(data: string): Promise<void> {
  witness = new TestWitness(temporaryFolder(), { brokers: [proxy.port], registry: load.registry(), data });
  witness.start();
  await witness.up();
  await witness.until(isRunning);
  load.start();
  await sleep(1500);
}

/** Nothing is acknowledged while frames come; what was is in the store. */
async function expectHalted(): Promise<void> {
  const acknowledged = proxy.acknowledged.length;
  const published = load.published.size;
  while (load.published.size < published + RATE) await sleep(100);
  expect(proxy.acknowledged.length).toBe(acknowledged);
  expect(acknowledged).toBeGreaterThan(0);
}

if (disk === undefined) notRun("a witness's disk", "no file system can be mounted here");
else withDisk(disk);

function withDisk({ folder, fill, makeRoom, abort, again, close }: Disk): void {
  afterEach(async () => {
    await witness.end("SIGKILL");
    makeRoom();
  });
  afterAll(close);

  test("a disk that fills up stops intake, clearly; with room it goes on, and nothing is lost", async () => {
    await running(`${folder}/full`);
    const follower = witness.follow();
    const { url } = witness;
    fill();
    await witness.until(({ state }) => state === "full");
    const ready = await witness.get("/ready");
    expect(ready.status).toBe(503);
    expect(await ready.json()).toMatchObject({ state: "full", reason: expect.any(String) });
    await expectHalted();
    makeRoom();
    await witness.until(isRunning);
    await sleep(1500);
    fill();
    await witness.until(({ state }) => state === "full");
    await expectHalted();
    // Ended and started again while there is no room.
    expect((await witness.end("SIGTERM")).code).toBe(0);
    expect(await witness.missing(proxy.acknowledged)).toEqual([]);
    makeRoom();
    witness.start();
    await witness.up();
    await load.stop();
    const { entries } = await witness.state();
    await expectAll(witness, load);
    await witness.until((state) => state.entries > entries);
    await follower.stop();
    expect(follower.faults).toEqual([]);
    expect(url).toBeDefined();
    expect((await witness.end("SIGTERM")).code).toBe(0);
    expectOneInventoryEach(witness);
  });

  test("a disk that becomes read-only stops intake, clearly; mounted again, nothing is lost", async () => {
    await running(`${folder}/aborted`);
    abort();
    await witness.until(({ state }) => state === "failed");
    expect((await witness.get("/ready")).status).toBe(503);
    expect((await witness.state()).reason).toMatch(/read-only|EROFS/i);
    await expectHalted();
    await witness.end("SIGTERM");
    again();
    expect(await witness.missing(proxy.acknowledged)).toEqual([]);
    witness.start();
    await witness.up();
    await load.stop();
    await expectAll(witness, load);
    expect((await witness.end("SIGTERM")).code).toBe(0);
    expectOneInventoryEach(witness);
  });
}
