import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, symlinkSync } from "node:fs";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "@jest/globals";
import { temporaryFolder } from "../support/cli.js";
import { freePort, type Mosquitto, startMosquitto } from "../support/mosquitto.js";

const root = join(__dirname, "../..");
const folder = temporaryFolder();
const readme = readFileSync(join(root, "README.md"), "utf8");
const commands = [...readme.matchAll(/```sh\n([\s\S]*?)```/g)].flatMap(([, block]) =>
  (block as string).trim().split("\n"),
);

/**
 * What runs in place of a command that would not end, takes a fixed port, runs this test, or builds the bundles again
 * that other tests are running; and a smaller fleet for a large one.
 */
const INSTEAD: Record<string, string | undefined> = {
  "npm ci && npm start": "npx fieldmark sim --witnesses 1 --for 2s",
  "npm ci && npm test": undefined,
  "npx fieldmark sim --engine xs --devices 10000 --interval 30s --for 60s --memory":
    "npx fieldmark sim --engine xs --devices 1001 --interval 2s --for 3s --memory",
  "npx fieldmark world --seed 7 --devices 10 --for 24h": "npx fieldmark world --seed 7 --devices 10 --for 3h",
  "npx fieldmark board --tcp 4000 --blank > board.log 2>&1 &":
    "npx fieldmark board --tcp 4000 --blank > board.log 2>&1 & echo $! > board.pid; until grep -q rfc2217 board.log; do sleep 0.1; done",
  "npx fieldmark witness --config witness/witness.toml > witness.log 2>&1 &":
    "sed -i 's/port = 8788/port = 0/' witness/witness.toml; npx fieldmark witness --config witness/witness.toml > witness.log 2>&1 & echo $! > witness.pid; until grep -q HTTP witness.log; do sleep 0.1; done",
  "npm run bench": `node ${root}/dist/bench.js broker`,
  "mosquitto -p 1883 &": undefined,
  // Without the SDK it says what is missing; test/firmware runs it with the SDK.
  "npm run firmware -- --board sim": `! MODDABLE= node ${root}/scripts/firmware.js --board sim`,
};

let broker: Mosquitto;
let boardPort: number;
beforeAll(async () => {
  broker = await startMosquitto();
  boardPort = await freePort();
  mkdirSync(join(folder, "bin"));
  symlinkSync(join(root, "dist/fieldmark.js"), join(folder, "bin/fieldmark"));
});
afterAll(async () => {
  for (const name of ["board.pid", "witness.pid"]) {
    const pid = join(folder, name);
    if (existsSync(pid)) process.kill(Number(readFileSync(pid, "utf8")));
  }
  await broker.stop();
});

test("the README has commands", () => {
  expect(commands.length).toBeGreaterThan(8);
  expect(Object.keys(INSTEAD).filter((command) => !commands.includes(command))).toEqual([]);
});

test("npm start is what stands for it here", () => {
  const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  expect(scripts.start).toBe("node scripts/build.js && node dist/fieldmark.js sim --witnesses 1");
  expect(scripts.firmware).toBe("node scripts/firmware.js");
  expect(scripts.bench).toBe("node scripts/build.js && node dist/bench.js");
});

// In the README's order, in one folder: later ones use what earlier ones made.
test.each(commands.filter((command) => !(command in INSTEAD) || INSTEAD[command] !== undefined))(
  "%s",
  async (command) => {
    const line = (INSTEAD[command] ?? command)
      .replaceAll("npx fieldmark", `${process.execPath} ${join(folder, "bin/fieldmark")}`)
      .replaceAll("4000", String(boardPort))
      .replaceAll("localhost:1883", `127.0.0.1:${broker.port}`);
    const env = { ...process.env, PATH: `${join(folder, "bin")}${delimiter}${process.env.PATH}` };
    await new Promise<void>((resolve, reject) => {
      execFile("sh", ["-c", line], { cwd: folder, env }, (error, stdout, stderr) => {
        if (error) reject(new Error(`${command}\n${stdout}\n${stderr}`));
        else resolve();
      });
    });
  },
);

test("each verb that the README names has its help", () => {
  const verbs = new Set([...readme.matchAll(/npx fieldmark (\w+)/g)].map(([, verb]) => verb));
  expect([...verbs].sort()).toEqual([
    "board",
    "bundle",
    "enrol",
    "flash",
    "inspect",
    "keygen",
    "provision",
    "sign",
    "sim",
    "verify",
    "witness",
    "world",
  ]);
});
