import { expect, test } from "@jest/globals";
import { run } from "../support/cli.js";
import { startNats } from "../support/nats.js";

test("a NATS server, which speaks MQTT 3.1.1 only, carries all frames", async () => {
  const broker = await startNats();
  const args = ["--devices", "2", "--broker", broker.url, "--network", "abcd", "--for", "4s", "--json"];
  const { stdout, code } = await run(["sim", "--engine", "node", ...args]);
  await broker.stop();
  const { signed, acknowledged, verified, lost, rejected } = JSON.parse(stdout).frames;
  expect(signed).toBeGreaterThan(0);
  expect({ acknowledged, verified, lost, rejected, code }).toEqual({
    acknowledged: signed,
    verified: signed,
    lost: 0,
    rejected: {},
    code: 0,
  });
});
