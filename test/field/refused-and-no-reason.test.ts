import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { run } from "../support/cli.js";
import { startAsIn } from "./broker-configuration.js";

const FOLDER = join(__dirname, "refused-and-no-reason");

test.each([
  { file: "acl.conf", reason: "publication refused: not authorized" },
  { file: "qos0.conf", reason: "Connection refused: QoS not supported" },
  { file: "packet.conf", reason: "packet too large: the broker takes 180 bytes" },
])("$file: what the broker says is in sim's lines and in --json", async ({ file, reason }) => {
  const broker = await startAsIn(FOLDER, file);
  const args = ["sim", "--engine", "node", "--devices", "2", "--broker", broker.url];
  const limits = ["--for", "2s", "--drain", "10ms"];
  const [lines, json] = await Promise.all([run([...args, ...limits]), run([...args, ...limits, "--json"])]);
  const said = `${broker.url}: ${reason}`;
  expect(lines.stderr).toContain(`: ${said}\n`);
  expect(lines.stdout).toContain(`broker    ${said}`);
  const { troubles, frames } = JSON.parse(json.stdout);
  expect(troubles).toContainEqual({ broker: broker.url, reason, times: expect.any(Number) });
  expect([frames.acknowledged, lines.code, json.code]).toEqual([0, 1, 1]);
  await broker.stop();
});
