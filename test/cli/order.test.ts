import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { createSigner } from "../../host-sim/ports/signer.js";
import { readKeyFile } from "../../tools/key-file.js";
import { type Plugged, plug, SSID, WIFI_PASSWORD } from "../provision/board/board.js";
import { run, temporaryFolder } from "../support/cli.js";
import { type Mosquitto, startMosquitto } from "../support/mosquitto.js";

const folder = temporaryFolder();
const path = (name: string) => join(folder, name);
const CHALLENGE = new Uint8Array(16);

let broker: Mosquitto;
let board: Plugged;
let device: string;

beforeAll(async () => {
  await run(["keygen", path("owner.json")]);
  await run(["keygen", path("thief.json")]);
  writeFileSync(path("change.json"), '{"readings": 3}');
  writeFileSync(path("wrong.json"), '{"redings": 3}');
  broker = await startMosquitto();
  board = plug();
  const { client } = board;
  await client.wifi(SSID, WIFI_PASSWORD);
  await client.owner(createSigner(readKeyFile(path("owner.json"))).publicKey);
  await client.settings({ brokers: [{ host: "127.0.0.1", port: broker.port }] });
  await client.restart();
  await client.identity(CHALLENGE);
  await board.seen((event) => event.type === "link-opened");
  const booted = board.events.find((event) => event.type === "booted");
  device = booted?.type === "booted" ? booted.device : "";
});

afterAll(async () => {
  board.client.close();
  board.board.stop();
  await broker.stop();
});

const order = (...words: readonly string[]) =>
  run(["order", ...words, "--device", device, "--broker", broker.url, "--json"]);

describe("an order", () => {
  test("of the owner is obeyed: settings change, and the board starts anew", async () => {
    const { code, stdout } = await order("settings", path("change.json"), "--owner-key", path("owner.json"));
    expect(JSON.parse(stdout)).toMatchObject({ device, verb: "settings", restarted: true });
    expect(code).toBe(0);
    const stored = readFileSync(join(board.state, "nvs", "settings"), "utf8");
    expect(JSON.parse(stored)).toMatchObject({ readings: 3 });
  });

  test("is obeyed once, though the broker gives it again at each start", async () => {
    await board.seen(
      ({ type, ...event }) =>
        type === "command" && JSON.stringify(event).includes("its counter is not above"),
    );
    const { boot } = await board.client.journal();
    await order("restart", "--owner-key", path("owner.json"));
    expect((await board.client.journal()).boot).toBe(boot + 1);
  });

  test("of somebody else is not", async () => {
    const { boot } = await board.client.journal();
    const { code, stdout } = await order("restart", "--owner-key", path("thief.json"), "--wait", "1s");
    expect(JSON.parse(stdout)).toMatchObject({ restarted: false });
    expect(code).toBe(1);
    expect((await board.client.journal()).boot).toBe(boot);
  });

  test.each([
    ["settings that there are not", ["settings", path("wrong.json")], "redings: there is no such setting"],
    ["no file of settings", ["settings"], "name a file with those that change"],
    ["a file for a restart", ["restart", path("change.json")], "restart takes no file"],
    ["a reset that nobody meant", ["reset"], "if that is meant: --confirm"],
  ])("%s: refused before anything is sent", async (_name, words, said) => {
    const { code, stderr } = await order(...words, "--owner-key", path("owner.json"));
    expect(stderr).toContain(said);
    expect(code).toBe(2);
  });
});
