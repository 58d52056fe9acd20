import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { Configuration } from "../../agent/provision/configuration.js";
import { createMemoryKeyValue } from "../../node/ports/key-value.js";
import { CONFIG } from "../agent/provision/recorded-host.js";
import { jsonLines, run, temporaryFolder } from "../support/cli.js";

const folder = temporaryFolder();
const options = { cwd: folder };

test.each([
  ["provision", ["provision", "--port", "rfc2217://127.0.0.1:1", "--network", "demo.site"]],
  ["sim", ["sim", "--network", "demo.site", "--for", "1s"]],
])("%s refuses it, and says which brokers do not carry it", async (_verb, args) => {
  const { code, stderr } = await run(args, options);
  for (const said of ["--network", "RabbitMQ", "NATS", '"demo-site"']) expect(stderr).toContain(said);
  expect(code).toBe(2);
});

test("so does a site file", async () => {
  writeFileSync(join(folder, "site.toml"), '[site]\nname = "roof"\nnetwork = "demo.site"\n');
  const { code, stderr } = await run(
    ["provision", "--site", "site.toml", "--port", "rfc2217://127.0.0.1:1"],
    options,
  );
  for (const said of ["site.network", "RabbitMQ", "NATS"]) expect(stderr).toContain(said);
  expect(code).toBe(2);
});

test("and a board itself, over the wire or by an order; but the name that it has already it may be given", () => {
  const create = (network: string) =>
    new Configuration({
      store: createMemoryKeyValue(),
      config: { ...CONFIG, network },
      kinds: ["simulated"],
    });
  const change = '{"network":"demo.site"}';
  expect(() => create("demo").change(change)).toThrow(
    'network: it is not carried by every broker: no dot, as in "demo-site"',
  );
  expect(() => create("demo.site").change(change)).not.toThrow();
  expect(() => create("demo.site").change('{"age":60000}')).not.toThrow();
});

test("frames of a network that has such a name are verified as ever", async () => {
  await run(["keygen", "key.json"], options);
  const { did } = JSON.parse((await run(["keygen", "--show", "key.json", "--json"], options)).stdout);
  writeFileSync(join(folder, "pack.json"), '[{"n":"temperature","u":"Cel","v":21.5,"bt":1795000000}]');
  const sign = ["sign", "--key-file", "key.json", "--network", "demo.site", "--senml", "pack.json"];
  expect((await run([...sign, "--out", "old.cborseq"], options)).code).toBe(0);
  const sensors = [{ name: "temperature", unit: "Cel", min: -40, max: 60, cadence: 60 }];
  const registry = { network: "demo.site", devices: [{ did, site: "roof", sensors }] };
  writeFileSync(join(folder, "old.registry.json"), JSON.stringify(registry));
  const { code, stdout } = await run(["verify", "old.cborseq"], options);
  expect(jsonLines(stdout)).toMatchObject([{ ok: true, verdict: "ok" }]);
  expect(code).toBe(0);
});
