import { spawnSync } from "node:child_process";
import { cpSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "@jest/globals";
import { emulatedBoots } from "../../host-sim/virtual-board/rv32/boots.js";
import { COMPILE_TIMEOUT, ROOT } from "../host-sim/engines/xs/xs-host.js";
import { temporaryFolder } from "../support/cli.js";
import { Technician } from "../support/technician.js";

const folder = temporaryFolder();
const technician = new Technician(folder);
const STORED = join(folder, "s", "nvs", "settings");
const NO_ROOM = "are more than this board has memory for: ";

beforeAll(async () => {
  await emulatedBoots(ROOT, () => {});
  cpSync(join(__dirname, "settings-larger-than-the-chip"), folder, { recursive: true });
  writeFileSync(join(folder, "wifi.txt"), "geheim\n");
  const made = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "k", "-out", "ca.pem"];
  spawnSync("openssl", [...made, "-days", "99", "-subj", "/CN=ca"], { cwd: folder });
  const six = readFileSync(join(folder, "six.toml"), "utf8");
  const [head = "", ...brokers] = six.split("[[brokers]]");
  const of = (count: number, name: string, user: string) =>
    [head.replace("demo", name), ...Array.from({ length: count }, (_, i) => brokers[i % 6])]
      .join("[[brokers]]")
      .replaceAll("field-user", user);
  writeFileSync(join(folder, "eight.toml"), of(8, "demo", "field-user"));
  writeFileSync(join(folder, "other-eight.toml"), of(8, "ridge", "roof-users"));
  // Each of its brokers short: they are counted by themselves.
  const nine = Array.from({ length: 9 }, (_, i) => `[[brokers]]\nhost = "b${i}"`);
  writeFileSync(join(folder, "nine.toml"), ['[site]\nname = "roof"\nnetwork = "demo"', ...nine].join("\n"));
  for (const [name, setting] of Object.entries({
    "window.toml": "window = 255",
    "readings.toml": "readings = 60",
    "nested.toml": `dns = ${"[".repeat(100)}${"]".repeat(100)}`,
    "many.toml": `dns = [${"[],".repeat(200)}]`,
  }))
    writeFileSync(join(folder, name), `[site]\nname = "roof"\nnetwork = "demo"\n[settings]\n${setting}\n`);
}, COMPILE_TIMEOUT);

test("settings that are too large for a chip are refused by it, with the numbers; what it takes it works with", async () => {
  const { running, port } = await technician.board("--engine", "rv32", "--tcp", "--state", "s");
  await running.said('"type":"provisioning-open"');
  const provision = (...given: string[]) => technician.fieldmark("provision", ...given, "-p", port);
  for (const [site, said] of [
    ["tls", /settings: \d+ bytes are more .*: 1024/],
    ["twelve", /settings: \d+ bytes are more .*: 1024/],
    ["nine", /brokers: 9 are more .*: 8/],
    ["window", /readings, window, sensors: \d+ bytes are more .*: 4000/],
    ["readings", /readings, window, sensors: \d+ bytes are more .*: 4000/],
    ["nested", /settings: \d+ levels are more .*: 8/],
    ["many", /settings: \d+ values are more .*: 130/],
  ] as const) {
    const { code, stdout, stderr } = await provision("--site", `${site}.toml`);
    expect([site, code, (stdout + stderr).includes(NO_ROOM)]).toEqual([site, 1, true]);
    expect(stdout + stderr).toMatch(said);
    expect(existsSync(STORED)).toBe(false);
  }
  for (const site of ["six", "eight", "other-eight"])
    expect(await provision("--site", `${site}.toml`)).toMatchObject({ code: 0 });
  expect(await provision("--network", "demo")).toMatchObject({ code: 0 });
  expect(JSON.parse(readFileSync(STORED, "utf8")).brokers).toHaveLength(8);
  expect(technician.printed).not.toContain("boot-failed");
  running.process.kill();
});
