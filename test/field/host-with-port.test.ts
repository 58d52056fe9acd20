import { copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "@jest/globals";
import { Configuration } from "../../agent/provision/configuration.js";
import { createMemoryKeyValue } from "../../node/ports/key-value.js";
import { CONFIG } from "../agent/provision/recorded-host.js";
import { run, temporaryFolder } from "../support/cli.js";

const folder = temporaryFolder();
const options = { cwd: folder };
const HOSTS = [
  "10.0.0.2:1883",
  "mqtt://10.0.0.2",
  "[::1]",
  "[::1]:1883",
  "me:hush@10.0.0.2",
  "10.0.0.2/x",
  " a",
];

beforeAll(async () => {
  copyFileSync(join(__dirname, "host-with-port/site.toml"), join(folder, "site.toml"));
  await run(["keygen", "owner.json"], options);
});

test("provision refuses the site file before it opens a port, and shows the right form", async () => {
  const { code, stderr } = await run(
    ["provision", "--site", "site.toml", "--port", "rfc2217://127.0.0.1:1"],
    options,
  );
  expect(stderr).toContain("site.toml: brokers #1.host is not a host's name or address alone");
  expect(stderr).toContain('host = "10.0.0.2"  and in a line of its own  port = 1883');
  expect(code).toBe(2);
});

test("doctor says so, and reaches for no broker", async () => {
  const { code, stdout } = await run(["doctor", "--site", "site.toml"], options);
  expect(stdout).toContain("NO  site file: site.toml: brokers #1.host is not a host's name");
  expect(stdout).not.toContain("Boards may reach it all the same");
  expect(code).toBe(1);
});

test.each(HOSTS)("an order with the host %j is refused before it is sent", async (host) => {
  writeFileSync(join(folder, "change.json"), JSON.stringify({ brokers: [{ host }] }));
  const { code, stdout, stderr } = await run(
    [
      ...["order", "settings", "change.json", "--device", "1e39a9da1e1bfa7a", "--owner-key", "owner.json"],
      ...["--broker", "mqtt://127.0.0.1:1"],
    ],
    options,
  );
  expect(stderr).toContain(
    'change.json: brokers[0].host: it is not a host\'s name or address alone, as in "host": "10.0.0.2", "port": 1883',
  );
  expect(stdout + stderr).not.toContain("hush");
  expect(code).toBe(2);
});

/** What comes over the wire or by an order reaches the board as it is. */
test.each(HOSTS)("a board refuses the host %j itself, and stores nothing", (host) => {
  const values = new Map<string, Uint8Array>();
  const store = createMemoryKeyValue(values);
  const configuration = new Configuration({ store, config: CONFIG, kinds: ["simulated"] });
  const change = () => configuration.change(JSON.stringify({ brokers: [{ host }] }));
  expect(change).toThrow(
    'brokers[0].host: it is not a host\'s name or address alone, as in "host": "10.0.0.2", "port": 1883',
  );
  expect(values.size).toBe(0);
});

test("nor a time server with a port", () => {
  const configuration = new Configuration({
    store: createMemoryKeyValue(),
    config: CONFIG,
    kinds: ["simulated"],
  });
  expect(() => configuration.change('{"sntp":"pool.ntp.org:123"}')).toThrow(
    'sntp: it is not a host\'s name or address alone, as in "pool.ntp.org"',
  );
});
