import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "@jest/globals";
import { hasher } from "../../host-sim/ports/signer.js";
import { emulatedBoots } from "../../host-sim/rv32/device.js";
import { loadRegistry } from "../../network/witness/registry.js";
import { jsonLines, type Running, run, start, temporaryFolder } from "../support/cli.js";
import { COMPILE_TIMEOUT, ROOT } from "../xs/xs-host.js";

const folder = temporaryFolder();
const PASSWORD = "geheim-wlan-8";
let printed = "";

async function fieldmark(...args: string[]) {
  const finished = await run(args, { cwd: folder });
  printed += finished.stdout + finished.stderr;
  return finished;
}

/** A board on an emulated chip in a process of its own, and its port. */
async function board(...args: string[]): Promise<{ running: Running; port: string }> {
  const options = ["--engine", "rv32", "--ssid", "field", "--password-file", "wifi.txt", "--json"];
  const running = start(["board", ...options, ...args], { cwd: folder });
  let text = "";
  running.process.stdout?.on("data", (chunk: Buffer) => {
    text += chunk;
    printed += chunk;
  });
  await running.said('"type":"runs"');
  return { running, port: String(jsonLines(text.slice(0, text.indexOf("\n")))[0]?.port) };
}

beforeAll(async () => {
  await emulatedBoots(ROOT, () => {});
  writeFileSync(join(folder, "wifi.txt"), `${PASSWORD}\n`);
  await fieldmark("keygen", "owner.json");
  const maker = String(jsonLines((await fieldmark("keygen", "maker.json", "--json")).stdout)[0]?.did);
  await fieldmark("bundle", "--sample", "esp32c3", "--key-file", "maker.json", "--out", "sample.zip");
  const site = [
    '[site]\nname = "roof"\nnetwork = "demo"',
    '[wifi]\nssid = "field"\npassword_file = "wifi.txt"',
    '[[brokers]]\nhost = "127.0.0.1"\nport = 9',
    '[owner]\nkey_file = "owner.json"',
  ];
  writeFileSync(join(folder, "wire.toml"), site.join("\n"));
  site.push(`[firmware]\nbundle = "sample.zip"\nsigner = "${maker}"`);
  writeFileSync(join(folder, "site.toml"), site.join("\n"));
}, COMPILE_TIMEOUT);

test("over its UART's terminal: scanned, provisioned, enrolled", async () => {
  const { running, port } = await board("--pty");
  await running.said('"type":"provisioning-open"');
  expect(port).toMatch(/^\/dev\//);
  const scanned = await fieldmark("scan", "-p", port, "--identify", "--json");
  expect(jsonLines(scanned.stdout)).toMatchObject([{ path: port, firmware: "fieldmark 0.1.0" }]);
  expect(await fieldmark("provision", "--site", "wire.toml", "-p", port)).toMatchObject({
    code: 0,
    stdout: expect.stringContaining("the board has its settings, and is in its network"),
  });
  const enrolled = await fieldmark("enrol", "--site", "wire.toml", "-p", port, "--json");
  expect(enrolled.code).toBe(0);
  const { receipt } = jsonLines(enrolled.stdout).at(-1) as { receipt: { kid: string } };
  expect(loadRegistry(join(folder, "registry.json"), hasher).device(receipt.kid)?.site).toBe("roof");
  expect(printed).toContain(`"platform":"rv32","device":"${receipt.kid}"`);
  running.process.kill();
});

test("over TCP, blank: from its box to its receipt, flashed by the ROM's loader and started on the core", async () => {
  const { running, port } = await board("--tcp", "--blank");
  expect(await fieldmark("batch", "site.toml", "-p", port)).toMatchObject({
    code: 0,
    stdout: expect.stringContaining("1 done, 0 failed, 0 done before"),
  });
  const kids = readdirSync(join(folder, "receipts")).filter((name) => name.endsWith(".json"));
  expect(kids).toHaveLength(2);
  for (const kid of kids)
    expect(printed).toContain(`"platform":"rv32","device":"${kid.replace(".json", "")}"`);
  running.process.kill();
});

test("no password was printed by any of them", () => {
  expect(printed.length).toBeGreaterThan(2000);
  expect(printed).not.toContain(PASSWORD);
});
