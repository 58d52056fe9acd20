import { spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { beforeAll, expect, test } from "@jest/globals";
import { jsonLines, temporaryFolder } from "../support/cli.js";
import { freePort } from "../support/mosquitto.js";
import { Technician } from "../support/technician.js";

const folder = temporaryFolder();
const technician = new Technician(folder);
const fieldmark = technician.fieldmark.bind(technician);
let maker = "";

beforeAll(async () => {
  writeFileSync(join(folder, "wifi.txt"), "geheim-wlan-7\n");
  maker = String(jsonLines((await fieldmark("keygen", "maker.json", "--json")).stdout)[0]?.did);
  await fieldmark("bundle", "--sample", "esp32c3", "--key-file", "maker.json", "--out", "sample.zip");
});

/** Its relay, once it listens. */
async function slow(to: number, delay: number) {
  const from = await freePort();
  const relay = spawn(process.execPath, [
    join(__dirname, "slow-serial-server/slow.mjs"),
    `${from}`,
    `${to}`,
    `${delay}`,
  ]);
  // It listens as soon as its port cannot be had any more: a connection would take the board's port.
  for (;;) {
    const isFree = await new Promise<boolean>((resolve) => {
      const probe = createServer().once("error", () => resolve(false));
      probe.listen(from, "127.0.0.1", () => probe.close(() => resolve(true)));
    });
    if (!isFree) return { relay, port: `rfc2217://127.0.0.1:${from}` };
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

test.each([120, 250])("a board behind %i ms each way is flashed and compared", async (delay) => {
  const { running, port } = await technician.board("--tcp", "--blank");
  const { relay, port: far } = await slow(Number(new URL(port.replace("rfc2217", "tcp")).port), delay);
  const { code, stderr, stdout } = await fieldmark("flash", "sample.zip", "--signer", maker, "--port", far);
  relay.kill();
  running.process.kill();
  expect({ code, stderr, stdout }).toMatchObject({
    code: 0,
    stdout: expect.stringContaining("written and compared: "),
  });
});
