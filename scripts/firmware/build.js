import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { BOARDS } from "./boards.js";
import { firmwareImages, ImageError } from "./images.js";
import { PartitionError } from "./partitions.js";
import { idfMissing, pathWith, SdkError } from "./sdk.js";

/** Flash of all boards so far. */
const FLASH_BYTES = 4 << 20;

/**
 * Runs mcconfig on manifests/<board>. Returns what it made, contents by the names that they get in dist/firmware/<board>/. For an
 * ESP32 without ESP-IDF the manifest is resolved as far as mcconfig goes, and an SdkError says what is missing.
 */
export async function buildFirmware({ root, sdk, board, release }) {
  const { platform, isLinux, chip } = BOARDS[board];
  const folder = join(root, "manifests", board);
  if (!existsSync(join(folder, "manifest.json"))) throw new SdkError(`there is no manifests/${board} yet`);
  const out = join(root, "build/firmware", board);
  mkdirSync(out, { recursive: true });
  const env = { ...process.env, PATH: pathWith(sdk, root, process.env) };
  const flavour = release ? [] : ["-i"];
  const isWhole = isLinux || !idfMissing(env);
  if (isWhole && !isLinux && !existsSync(join(root, "build/secp256k1")))
    await run(process.execPath, ["scripts/secp256k1.js"], { cwd: root, env });
  // "-t build": else mcconfig also runs what it built, and ends every simulator on this machine first.
  const make = isWhole ? ["-m", "-t", "build"] : [];
  await run(
    "mcconfig",
    [...flavour, ...make, "-p", platform, "-o", out, "./manifest.json"],
    { cwd: folder, env },
    () => (isLinux ? undefined : idfMissing(env)),
  );
  const flavourName = release ? "release" : "instrument";
  if (isLinux) return { "mc.so": readFileSync(join(out, "bin/lin/mc", flavourName, "fieldmark/mc.so")) };
  try {
    return firmwareImages({
      build: join(out, "tmp", platform, flavourName, "fieldmark", `xsProj-${chip}`, "build"),
      chip,
      partitions: readFileSync(join(folder, "partitions.csv"), "utf8"),
      flash: FLASH_BYTES,
      name: `Fieldmark ${board}`,
      version: JSON.parse(readFileSync(join(root, "package.json"), "utf8")).version,
    });
  } catch (error) {
    if (error instanceof ImageError || error instanceof PartitionError) throw new SdkError(error.message);
    throw error;
  }
}

/** Runs a program with its output on standard error. `why`: a better reason than its exit code, where there is one. */
export function run(program, args, options, why = () => undefined) {
  console.error(`$ ${[program, ...args].join(" ")}`);
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { ...options, stdio: ["ignore", 2, 2] });
    child.once("error", (error) => reject(new SdkError(`${program}: ${error.message}`)));
    child.once("exit", (code, signal) => {
      const reason = why();
      if (reason !== undefined) reject(new SdkError(reason));
      else if (code === 0) resolve();
      else reject(new SdkError(`${program} failed: ${signal ?? `exit code ${code}`}`));
    });
  });
}
