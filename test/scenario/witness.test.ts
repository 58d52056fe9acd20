import { cpSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { run, temporaryFolder } from "../support/cli.js";
import { Load } from "../support/load.js";
import { type Mosquitto, startMosquitto } from "../support/mosquitto.js";
import { type MqttProxy, startMqttProxy } from "../support/mqtt-proxy.js";
import { TestWitness } from "../support/witness.js";
import { expectAll, expectOneInventoryEach, isRunning } from "../support/witness-checks.js";

/** `scripts/witness-kills.js` has more. */
const KILLS = Number(process.env.WITNESS_KILLS ?? 5);
const DEVICES = 20;
/** Milliseconds, for one that hangs. */
const LIMIT = 900_000 + 60_000 * KILLS;
/** Frames a second. */
const RATE = 400;
/** Of so many kills one comes while the witness starts. */
const EARLY = 4;

let broker: Mosquitto;
let proxy: MqttProxy;
let load: Load;

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

test(
  `killed ${KILLS} times under load: what was acknowledged is there, all is there once, and the log goes on`,
  async () => {
    const witness = new TestWitness(temporaryFolder(), { brokers: [proxy.port], registry: load.registry() });
    const follower = witness.follow();
    witness.start();
    await witness.up();
    await witness.until(isRunning); // what comes before its first session is nobody's
    load.start();
    let checked = 0;
    for (let kill = 0; kill < KILLS; kill++) {
      if (kill % EARLY !== EARLY - 1) {
        await witness.up();
        await sleep(1500 * Math.random());
      } else await sleep(1000 * Math.random());
      await witness.end("SIGKILL");
      proxy.cut();
      const acknowledged = proxy.acknowledged.slice(checked);
      checked += acknowledged.length;
      expect(await witness.missing(acknowledged)).toEqual([]);
      proxy.join();
      witness.start();
    }
    await witness.up();
    await load.stop();
    await expectAll(witness, load);
    await follower.stop();
    expect(follower.faults).toEqual([]);
    expect(follower.grown).toBeGreaterThan(1);
    const { code, stderr } = await witness.end("SIGTERM");
    expect({ code, stderr }).toEqual({ code: 0, stderr: expect.any(String) });
    expectOneInventoryEach(witness);
    expect(checked).toBeGreaterThan(0);
    if (process.env.WITNESS_KILLS !== undefined)
      console.info(
        `${KILLS} kills, ${load.published.size} frames, ${checked} acknowledged before a kill; ` +
          `of ${witness.entries().length} checkpoints a peer saw ${follower.grown}`,
      );
  },
  LIMIT,
);

test("ended, cut off and told of devices under load: all is there, judged as it deserves", async () => {
  const witness = new TestWitness(temporaryFolder(), {
    brokers: [proxy.port],
    registry: load.registry(load.devices.slice(1)),
  });
  witness.start();
  await witness.up();
  await witness.until(isRunning);
  load.start();
  await sleep(1000);
  const second = await run(["witness", "--config", witness.config]);
  expect(second.code).toBe(2);
  expect(second.stderr).toContain("End it, or name another file");
  const old = join(witness.data, "..", "old-log");
  cpSync(join(witness.data, "log"), old, { recursive: true });

  writeFileSync(witness.registry, load.registry()); // one device more
  await broker.kill("SIGTERM"); // it keeps what it has
  await broker.restart();
  await sleep(1500);
  expect((await witness.end("SIGTERM")).code).toBe(0);
  expect(await witness.missing(proxy.acknowledged)).toEqual([]);
  witness.start();
  await witness.up();
  await witness.until(({ entries }) => entries > 3);
  await load.stop();
  await expectAll(witness, load);
  expect((await witness.end("SIGTERM")).code).toBe(0);
  expectOneInventoryEach(witness);

  const guard = join(witness.data, "guard.json");
  writeFileSync(guard, "{");
  const damaged = await run(["witness", "--config", witness.config]);
  expect(damaged.stderr).toContain("guard.json is damaged");
  expect(damaged.code).toBe(2);
  rmSync(guard);
  rmSync(join(witness.data, "log"), { recursive: true });
  cpSync(old, join(witness.data, "log"), { recursive: true });
  const older = await run(["witness", "--config", witness.config]);
  expect(older.stderr).toContain("its files are older ones");
  expect(older.code).toBe(2);
});
