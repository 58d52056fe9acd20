// Builds the firmware with the Moddable SDK's own mcconfig, and runs it where the board is this machine.
// npm run firmware -- --board sim [--build-only] [--release] [--home <folder>]
import { mkdirSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { BOARDS, PROGRAMS } from "./firmware/boards.js";
import { buildFirmware } from "./firmware/build.js";
import { collect } from "./firmware/collect.js";
import { buildLoader, runLoader } from "./firmware/loader.js";
import { findSdk, SdkError } from "./firmware/sdk.js";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..");
const USAGE = `usage: npm run firmware -- --board <board> [options]

  --board <board>   one of ${Object.keys(BOARDS).join(", ")}
  --build-only      sim: build it, do not run it
  --release         without the SDK's instrumentation
  --home <folder>   sim: where the device keeps its key and its state, and finds settings.json
                    (default: build/firmware/home)
  --help            this

  npm run firmware -- --board sim                    builds the firmware for this machine, and runs it until Ctrl-C
  npm run firmware -- --board sim --home /tmp/two    a second device beside it, with a key of its own
  npm run firmware -- --board esp32c3 --release      images for a board, in dist/firmware/esp32c3
`;

function readArguments() {
  try {
    const { values } = parseArgs({
      options: {
        board: { type: "string" },
        "build-only": { type: "boolean", default: false },
        release: { type: "boolean", default: false },
        home: { type: "string", default: join(ROOT, "build/firmware/home") },
        help: { type: "boolean", default: false },
      },
    });
    if (values.help || Object.hasOwn(PROGRAMS, values.board ?? "")) return values;
    console.error(values.board === undefined ? "--board is missing" : `no such board: ${values.board}`);
  } catch (error) {
    console.error(error.message);
  }
  console.error(USAGE);
  process.exit(2);
}

async function main() {
  const { board, release, home, help, "build-only": isBuildOnly } = readArguments();
  if (help) {
    console.log(USAGE);
    return 0;
  }
  const { isLinux } = PROGRAMS[board];
  const sdk = findSdk(process.env, { isLinux });
  const files = await buildFirmware({ root: ROOT, sdk, board, release });
  if (isLinux) files.loader = readFileSync(await buildLoader({ root: ROOT, sdk, board }));
  const folder = join(ROOT, "dist/firmware", board);
  const parts = collect({ board, folder, files });
  for (const { path, bytes, sha256 } of parts) console.error(`${path}  ${bytes} bytes  sha256 ${sha256}`);
  if (!isLinux || isBuildOnly) return 0;
  mkdirSync(resolve(home), { recursive: true, mode: 0o700 });
  console.error(`runs with HOME=${resolve(home)}; Ctrl-C ends it`);
  return runLoader({ loader: join(folder, "loader"), library: join(folder, "mc.so"), home: resolve(home) });
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof SdkError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
