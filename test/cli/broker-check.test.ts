import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { jsonLines, temporaryFolder } from "../support/cli.js";
import { freePort, type Mosquitto, startMosquitto } from "../support/mosquitto.js";
import { Technician } from "../support/technician.js";

const folder = temporaryFolder();
const { fieldmark, board } = ((technician) => ({
  fieldmark: technician.fieldmark.bind(technician),
  board: technician.board.bind(technician),
}))(new Technician(folder));
let broker: Mosquitto;
let port: string;
let board1: Awaited<ReturnType<typeof board>>["running"];

beforeAll(async () => {
  broker = await startMosquitto();
  writeFileSync(join(folder, "wifi.txt"), "geheim-wlan-7\n");
  ({ running: board1, port } = await board("--tcp"));
});
afterAll(async () => {
  board1.process.kill();
  await broker.stop();
});

const wifi = ["--ssid", "field", "--wifi-password-file", "wifi.txt", "--network", "demo"];

test("provision and enrol do not say done where the board's broker is away, and say why", async () => {
  const away = `mqtt://127.0.0.1:${await freePort()}`;
  const given = [...wifi, "--broker", away, "-p", port];
  const refused = await fieldmark("provision", ...given);
  expect(refused).toMatchObject({ code: 1, stdout: "" });
  expect(refused.stderr).toContain(`failed (no-broker): 0 of 1 brokers take the board's frames; ${away}: `);
  expect(refused.stderr).toContain("ECONNREFUSED");
  expect(refused.stderr).toContain("--no-broker-check");

  const enrolment = ["enrol", "-p", port, "--network", "demo", "--site-name", "roof", "--json"];
  const { code, stdout } = await fieldmark(...enrolment);
  expect(code).toBe(1);
  expect(jsonLines(stdout).at(-1)).toMatchObject({ type: "failed", step: "brokers", code: "no-broker" });
  expect(jsonLines(stdout)).not.toContainEqual(expect.objectContaining({ type: "receipt" }));

  const unasked = await fieldmark("provision", ...given, "--no-broker-check");
  expect(unasked).toMatchObject({ code: 0, stdout: expect.stringContaining("the board has its settings") });
});

test("a broker that takes the board's frames is named", async () => {
  const { port: at } = broker;
  const { code, stderr, stdout } = await fieldmark("provision", ...wifi, "--broker", broker.url, "-p", port);
  expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringContaining("and its brokers take it") });
  expect(stderr).toContain(`broker mqtt://127.0.0.1:${at}: `);
});
