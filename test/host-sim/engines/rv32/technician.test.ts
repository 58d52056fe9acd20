import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "@jest/globals";
import { emulatedBoots } from "../../../../host-sim/virtual-board/rv32/boots.js";
import { loadRegistry } from "../../../../node/network/registry-file.js";

import { jsonLines, temporaryFolder } from "../../../support/cli.js";
import { Technician } from "../../../support/technician.js";
import { COMPILE_TIMEOUT, ROOT } from "../xs/xs-host.js";

const folder = temporaryFolder();
const PASSWORD = "geheim-wlan-8";
/** The site's broker is nowhere. */
const ALONE = "--no-broker-check";
const technician = new Technician(folder);
const fieldmark = technician.fieldmark.bind(technician);
/** On an emulated chip. */
const board = (...args: string[]) => technician.board("--engine", "rv32", ...args);

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
  expect(await fieldmark("provision", "--site", "wire.toml", "-p", port, ALONE)).toMatchObject({
    code: 0,
    stdout: expect.stringContaining("the board has its settings, and is in its network"),
  });
  const enrolled = await fieldmark("enrol", "--site", "wire.toml", "-p", port, ALONE, "--json");
  expect(enrolled.code).toBe(0);
  const { receipt } = jsonLines(enrolled.stdout).at(-1) as { receipt: { kid: string } };
  expect(loadRegistry(join(folder, "registry.json")).device(receipt.kid)?.site).toBe("roof");
  expect(technician.printed).toContain(`"platform":"rv32","device":"${receipt.kid}"`);
  running.process.kill();
});

test("over TCP, blank: from its box to its receipt, flashed by the ROM's loader and started on the core", async () => {
  const { running, port } = await board("--tcp", "--blank");
  expect(await fieldmark("batch", "site.toml", "-p", port, ALONE)).toMatchObject({
    code: 0,
    stdout: expect.stringContaining("1 done, 0 failed, 0 done before"),
  });
  const kids = readdirSync(join(folder, "receipts")).filter((name) => name.endsWith(".json"));
  expect(kids).toHaveLength(2);
  for (const kid of kids)
    expect(technician.printed).toContain(`"platform":"rv32","device":"${kid.replace(".json", "")}"`);
  running.process.kill();
});

test("no password was printed by any of them", () => {
  expect(technician.printed.length).toBeGreaterThan(2000);
  expect(technician.printed).not.toContain(PASSWORD);
});
