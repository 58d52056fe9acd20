import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { BoardClient } from "../../../../provision/board-client.js";
import { jsonLines, run, start, temporaryFolder } from "../../../support/cli.js";
import { WIFI_PASSWORD } from "./board.js";
import { openTerminal } from "./wires.js";

const folder = temporaryFolder();

test("fieldmark board: a terminal, a board behind it, and no secret in what is printed", async () => {
  const file = join(folder, "password");
  writeFileSync(file, `${WIFI_PASSWORD}\n`);
  const state = join(folder, "board");
  const args = [
    "board",
    "--pty",
    "--tcp",
    "--state",
    state,
    "--ssid",
    "field",
    "--password-file",
    file,
    "--json",
  ];
  const running = start(args, { input: "reset\n" });
  let printed = "";
  running.process.stdout?.on("data", (data) => {
    printed += data;
  });
  await running.said('"boot":2');
  const path = /"port":"(\/dev\/[^"]+)"/.exec(printed)?.[1] ?? "";
  const wire = await openTerminal(path);
  const client = new BoardClient(wire);
  await client.wifi("field", WIFI_PASSWORD);
  await expect(client.wifi("field", "guess")).rejects.toMatchObject({ code: "unable-to-connect" });
  client.close();
  await wire.close();
  running.process.kill("SIGTERM");
  const { code, stdout, stderr } = await running.finished;
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  const events = jsonLines(stdout);
  expect(events[0]).toMatchObject({ type: "port", port: expect.stringMatching(/^rfc2217:/) });
  expect(events.filter(({ type }) => type === "booted").map(({ boot }) => boot)).toEqual([1, 2]);
  expect(events.map(({ type }) => type)).toEqual(expect.arrayContaining(["wifi-joined", "wifi-refused"]));
  expect(stdout).not.toContain(WIFI_PASSWORD);
});

describe("bad usage", () => {
  test.each([
    ["a fault that there is not", ["--fault", "fire"], /fault: "fire" is not one of noise, cut/],
    ["noise that is no number", ["--fault", "noise:much"], /noise: "much" is not a whole number/],
    ["a chip that there is not", ["--chip", "z80"], /Allowed choices are esp32, esp32c3, esp32s3/],
    ["a password file that is not there", ["--password-file", join(folder, "none")], /there is no such file/],
  ])("%s", async (_, args, said) => {
    const { code, stdout, stderr } = await run(["board", ...args]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
    expect(stderr).toMatch(said);
  });
});
