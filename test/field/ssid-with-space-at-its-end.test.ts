import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { jsonLines, type Running, run, start } from "../support/cli.js";

let board: Running;
let port: string;

beforeAll(async () => {
  board = start(["board", "--tcp", "--ssid", "field ", "--json"]);
  let text = "";
  board.process.stdout?.on("data", (chunk: Buffer) => {
    text += chunk;
  });
  await board.said('"type":"runs"');
  port = String(jsonLines(text.slice(0, text.indexOf("\n")))[0]?.port);
});

afterAll(() => void board.process.kill());

const provision = (ssid: string) =>
  run(["provision", "--port", port, "--ssid", ssid, "--network", "demo", "--no-broker-check"], {
    env: { FIELDMARK_WIFI_PASSWORD: "" },
  });

test.each(["field", "Field", "FIELD "])(
  "%j: the list has quotation marks, and the hint the right name",
  async (ssid) => {
    const { code, stdout, stderr } = await provision(ssid);
    expect(stdout + stderr).toContain('Wi-Fi "field "  ');
    expect(stderr).toContain(`the board does not hear the network "${ssid}"`);
    expect(stderr).toContain(
      'It hears "field ": only spaces, capital letters or signs that look alike differ.',
    );
    expect(code).toBe(1);
  },
);

test("one that is none of them gets no such hint", async () => {
  const { code, stderr } = await provision("other");
  expect(stderr).toContain("Is the name right, the network on 2.4 GHz, and near enough?");
  expect(stderr).not.toContain("It hears");
  expect(code).toBe(1);
});

test("with the space it works", async () => {
  const { code, stderr } = await provision("field ");
  expect({ code, stderr }).toMatchObject({ code: 0 });
});
