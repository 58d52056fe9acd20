import { expect, test } from "@jest/globals";
import { run } from "../support/cli.js";

test.each([
  ["verify", "--broker", "mqtt://field:50%off@127.0.0.1:1883", "--registry", "r.json"],
  ["provision", "--broker", "mqtt://100%@10.0.0.2", "--port", "x"],
  ["sim", "--broker", "mqtt://field:50%off@127.0.0.1:1883", "--for", "1s"],
  [
    "order",
    "restart",
    "--device",
    "1e39a9da1e1bfa7a",
    "--owner-key",
    "k.json",
    "--broker",
    "mqtt://field%@h",
  ],
])("%s %s %s", async (...args) => {
  const { code, stdout, stderr } = await run(args);
  expect(stderr).toContain("--broker: not a broker URL: % in a user name or password is written %25");
  expect(stdout + stderr).not.toMatch(/50%|%off|100%|field%/);
  expect(code).toBe(2);
});
