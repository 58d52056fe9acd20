import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { jsonLines, type Running, run, start, temporaryFolder } from "../support/cli.js";

const folder = temporaryFolder();
let board: Running;
let port: string;

beforeAll(async () => {
  board = start(["board", "--tcp", "--ssid", "field", "--json"]);
  let text = "";
  board.process.stdout?.on("data", (chunk: Buffer) => {
    text += chunk;
  });
  await board.said('"type":"runs"');
  port = String(jsonLines(text.slice(0, text.indexOf("\n")))[0]?.port);
  await run(["keygen", "owner.json"], { cwd: folder });
});

afterAll(() => void board.process.kill());

/** The command line on a machine whose clock stands elsewhere, as faketime does it. */
function at(time: string, args: readonly string[]) {
  const offset = Date.parse(time) - Date.now();
  const shifted =
    "const Right=Date;globalThis.Date=class extends Right{" +
    `constructor(...given){super(...(given.length?given:[Right.now()+${offset}]))}` +
    `static now(){return Right.now()+${offset}}}`;
  const env = {
    NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(shifted)}`,
    FIELDMARK_WIFI_PASSWORD: "",
  };
  return run(args, { cwd: folder, env });
}

const enrol = () => [
  "enrol",
  "--port",
  port,
  "--network",
  "demo",
  "--site-name",
  "roof",
  "--no-broker-check",
];
const ORDER = ["order", "restart", "--device", "1e39a9da1e1bfa7a", "--owner-key", "owner.json"];

describe.each(["1970-01-01T00:01:00Z", "2036-02-07T06:28:20Z"])("in %s", (time) => {
  const said = `this machine's clock says ${time.slice(0, 10)}`;

  test.each<[string, () => string[]]>([
    ["enrol", enrol],
    ["provision", () => ["provision", "--port", port, "--network", "demo"]],
    ["order, whose number is the time", () => [...ORDER, "--broker", "mqtt://127.0.0.1:1"]],
  ])("%s says so, and blames no sensor", async (_name, args) => {
    const { code, stdout, stderr } = await at(time, args());
    expect(stderr).toContain(said);
    expect(stderr).toContain("Set this machine's clock");
    expect(stdout + stderr).not.toMatch(/sensor|wiring|board's clock/);
    expect(code).toBe(1);
  });

  test("doctor notices", async () => {
    const { code, stdout } = await at(time, ["doctor", "--port", port]);
    expect(stdout).toContain(`NO  clock: ${said}`);
    expect(code).toBe(1);
  });
});

test("a board that has its time from its network knows better than a laptop that is months ahead", async () => {
  const settings = ["--ssid", "field", "--network", "demo", "--no-broker-check"];
  const env = { FIELDMARK_WIFI_PASSWORD: "" };
  const provisioned = await run(["provision", "--port", port, ...settings], { cwd: folder, env });
  expect({ code: provisioned.code, stderr: provisioned.stderr }).toMatchObject({ code: 0 });
  const ahead = new Date(Date.now() + 90 * 86_400_000).toISOString();
  const { code, stdout, stderr } = await at(ahead, enrol());
  expect(stderr).toContain(`failed (clock-wrong): this machine's clock says ${ahead.slice(0, 10)}`);
  expect(stderr).toContain("it has its time from its network");
  expect(stdout + stderr).not.toContain("sensor");
  expect(code).toBe(1);
  expect(await run(enrol(), { cwd: folder })).toMatchObject({ code: 0 });
});
