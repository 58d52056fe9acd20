import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { jsonLines, type Running, run, start, temporaryFolder } from "../support/cli.js";

const folder = temporaryFolder();
const DEVICE = ["--device", "1e39a9da1e1bfa7a", "--broker", "mqtt://127.0.0.1:1"];
let board: Running;
let port: string;

beforeAll(async () => {
  cpSync(join(__dirname, "password-file-of-notepad"), folder, { recursive: true });
  board = start(["board", "--tcp", "--ssid", "Gäste", "--password-file", "plain.txt", "--json"], {
    cwd: folder,
  });
  let text = "";
  board.process.stdout?.on("data", (chunk: Buffer) => {
    text += chunk;
  });
  await board.said('"type":"runs"');
  port = String(jsonLines(text.slice(0, text.indexOf("\n")))[0]?.port);
});

afterAll(() => void board.process.kill());

const provision = (file: string) =>
  run(
    [
      ...["provision", "--port", port, "--ssid", "Gäste", "--wifi-password-file", file],
      ...["--network", "demo", "--no-broker-check"],
    ],
    { cwd: folder },
  );

test.each(["plain.txt", "bom.txt"])("%s lets the board into its Wi-Fi", async (file) => {
  const { code, stderr } = await provision(file);
  expect({ code, stderr }).toMatchObject({ code: 0 });
});

test.each(["utf16.txt", "latin1.txt"])("%s is refused by its name, and not shown", async (file) => {
  const { code, stdout, stderr } = await provision(file);
  expect(stderr).toContain(`${file}: not text in UTF-8`);
  expect(stdout + stderr).not.toMatch(/wö|rd-1|w\uFFFD/);
  expect(code).toBe(2);
});

test.each(["utf16.txt", "latin1.txt"])("%s is refused by a simulated board, too", async (file) => {
  const { code, stderr } = await run(["board", "--tcp", "--password-file", file], { cwd: folder });
  expect(stderr).toContain(`${file}: not text in UTF-8`);
  expect(code).toBe(2);
});

test("a site file in Latin-1 is refused by its name", async () => {
  const { code, stdout } = await run(["doctor", "--site", "latin1.toml"], { cwd: folder });
  expect(stdout).toContain("NO  site file: latin1.toml: not text in UTF-8");
  expect(code).toBe(1);
  const provisioned = await run(["provision", "--site", "latin1.toml", "--port", port], { cwd: folder });
  expect(provisioned.stderr).toContain("latin1.toml: not text in UTF-8");
  expect(provisioned.code).toBe(2);
});

test("order and bundle take JSON with a byte order mark", async () => {
  await run(["keygen", "owner.json"], { cwd: folder });
  const order = ["order", "settings", "bom.json", ...DEVICE, "--owner-key", "owner.json"];
  // Beyond reading the file, to the broker, which is not there.
  expect((await run(order, { cwd: folder })).stderr).toContain("mqtt://127.0.0.1:1: ");
  mkdirSync(join(folder, "build"));
  writeFileSync(join(folder, "build/flasher_args.json"), '\uFEFF{"flash_files":{"0x0":"boot.bin"}}\r\n');
  const bundle = ["bundle", "build", "--key-file", "owner.json", "--out", "b.zip", "--release", "1.0.0"];
  expect((await run(bundle, { cwd: folder })).stderr).toContain("boot.bin: there is no such file");
});

test("a key file of which Notepad made UTF-8 with a mark is read, one in UTF-16 is refused by its name", async () => {
  const owner = readFileSync(join(folder, "owner.json"), "utf8");
  writeFileSync(join(folder, "marked.json"), `\uFEFF${owner.replaceAll("\n", "\r\n")}`);
  expect((await run(["keygen", "--show", "marked.json"], { cwd: folder })).code).toBe(0);
  writeFileSync(join(folder, "wide.json"), owner, "utf16le");
  const { code, stderr } = await run(["keygen", "--show", "wide.json"], { cwd: folder });
  expect(stderr).toContain("wide.json: not text in UTF-8");
  expect(code).toBe(2);
});
