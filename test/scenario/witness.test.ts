import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { temporaryFolder } from "../support/cli.js";
import { Load } from "../support/load.js";
import { type Mosquitto, startMosquitto } from "../support/mosquitto.js";
import { type MqttProxy, startMqttProxy } from "../support/mqtt-proxy.js";
import { TestWitness } from "../support/witness.js";

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

const witnessOf = (data?: string) =>
  new TestWitness(temporaryFolder(), {
    brokers: [proxy.port],
    registry: load.registry(),
    ...(data !== undefined && { data }),
  });

const isRunning = ({ state }: { state: string }) => state === "running";

/** All that was published is in the witness, once, and nothing else; each frame judged as it deserves. */
async function expectAll(witness: TestWitness): Promise<void> {
  await witness.until(({ frames, waiting }) => frames >= load.published.size && waiting === 0);
  expect((await witness.state()).frames).toBe(load.published.size);
  const shown = new Set<string>();
  const verdicts: Record<string, number> = {};
  for (const { kid } of load.devices)
    for (const { bytes, verdict } of await witness.frames(kid)) {
      shown.add(bytes);
      verdicts[`${verdict}`] = (verdicts[`${verdict}`] ?? 0) + 1;
    }
  expect(verdicts).toEqual({ ok: load.published.size });
  expect([...load.published].filter((frame) => !shown.has(frame))).toEqual([]);
}

/** No epoch has two inventories. */
function expectOneInventoryEach(witness: TestWitness): void {
  const [first, ...rest] = witness.entries();
  expect(first?.kind).toBe("witness");
  const epochs = rest.map((entry) => (entry?.kind === "inventory" ? entry.epoch : undefined));
  expect(epochs).toEqual([...new Set(epochs)].sort((a = 0, b = 0) => a - b));
  expect(epochs.length).toBeGreaterThan(0);
}

test(
  `killed ${KILLS} times under load: what was acknowledged is there, all is there once, and the log goes on`,
  async () => {
    const witness = witnessOf();
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
    await expectAll(witness);
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
