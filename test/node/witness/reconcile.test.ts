import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, test } from "@jest/globals";
import { createVerifierKey, ED25519 } from "../../../network/log/note-key.js";
import { openHttp } from "../../../node/http/server.js";
import { readNoteKeyFile } from "../../../node/note-key-file.js";
import { hasher } from "../../../node/ports/signer.js";
import { readConfig, type WitnessConfig } from "../../../node/witness/config.js";
import { initWitness } from "../../../node/witness/init.js";
import { openWitness } from "../../../node/witness/witness.js";
import { temporaryFolder } from "../../support/cli.js";
import { TEST_NETWORK } from "../../support/frames.js";
import { Load } from "../../support/load.js";
import { freePort, startMosquitto } from "../../support/mosquitto.js";

/** Epochs of a second that closed before the first inventory: so it comes at once. */
const BEHIND = 60;
const DEVICES = 4;

const ends: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** A witness that listens to a broker of its own, which hears some of the devices. */
async function party(name: string) {
  const broker = await startMosquitto();
  ends.push(() => broker.stop());
  const load = await Load.to(broker.url, DEVICES, 1);
  ends.push(() => load.close());
  const folder = temporaryFolder();
  const port = await freePort();
  const file = initWitness({
    ...{ folder, network: TEST_NETWORK, name, port, epoch: "1s" },
    brokers: [{ url: broker.url }],
    registry: "registry.json",
  });
  writeFileSync(join(folder, "registry.json"), load.registry());
  const config: WitnessConfig = { ...readConfig(file), window: 60, watch: 1 };
  mkdirSync(config.data);
  const inventory = Math.floor(Date.now() / 1000) - BEHIND;
  writeFileSync(join(config.data, "guard.json"), JSON.stringify({ inventory }));
  const key = createVerifierKey(hasher, name, ED25519, readNoteKeyFile(config.logKeyFile).publicKey);
  return { load, config, asPeer: { url: `http://127.0.0.1:${port}`, key, cosignerKey: undefined } };
}

async function opened(config: WitnessConfig, said: string[]) {
  const witness = await openWitness(config, "0", (line) => said.push(line));
  ends.push(() => witness.close());
  const http = await openHttp({ view: witness.view, port: config.http.port });
  ends.push(() => http.close());
  return witness.view;
}

test("two witnesses that hear different devices have the frames of all when an epoch has closed", async () => {
  const [a, b] = [await party("a.example/demo"), await party("b.example/demo")];
  const said: string[] = [];
  const views = [
    await opened({ ...a.config, peers: [b.asPeer] }, said),
    await opened({ ...b.config, peers: [a.asPeer] }, said),
  ];
  const isHeard = () => views.every((view) => view.state().brokers.every(({ subscribed }) => subscribed));
  while (!isHeard()) await sleep(50);
  for (let round = 0; round < 5; round++)
    for (const [at, { load }] of [a, a, b, b].entries()) await load.send(at);
  while (views.some((view) => view.state().frames < 5 * DEVICES)) await sleep(100);
  for (const view of views) {
    const { peers, brokers } = view.state();
    expect([peers.length, brokers.length]).toEqual([1, 1]);
    for (const { kid } of a.load.devices) {
      const kept = view.frames({ kid, limit: 10 });
      expect(kept.map(({ sequence }) => sequence)).toEqual([0, 1, 2, 3, 4]);
      expect(new Set(kept.map(({ verdict }) => verdict))).toEqual(new Set(["ok"]));
    }
  }
  expect(said.some((line) => line.endsWith("frames came from b.example/demo"))).toBe(true);
}, 60_000);
