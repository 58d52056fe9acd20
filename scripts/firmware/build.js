import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { PROGRAMS } from "./boards.js";
import { checkCertificates } from "./certificates.js";
import { firmwareImages, ImageError } from "./images.js";
import { PartitionError } from "./partitions.js";
import { idfMissing, pathWith, SdkError } from "./sdk.js";

/** Flash of all boards so far. */
const FLASH_BYTES = 4 << 20;

/**
 * Runs mcconfig on manifests/<board>. Returns what it made, contents by the names that they get in dist/firmware/<board>/. For an
 * ESP32 without ESP-IDF the manifest is resolved as far as mcconfig goes, and an SdkError says how far that was, and what is missing.
 */
export async function buildFirmware({ root, sdk, board, release }) {
  const { platform, isLinux, chip } = PROGRAMS[board];
  const folder = join(root, "manifests", board);
  const out = join(root, "build/firmware", board);
  mkdirSync(out, { recursive: true });
  const env = { ...process.env, PATH: pathWith(sdk, root, process.env) };
  const flavour = release ? [] : ["-i"];
  const missing = isLinux ? undefined : idfMissing(env);
  if (missing === undefined && !isLinux && !existsSync(join(root, "build/secp256k1")))
    await run(process.execPath, ["scripts/secp256k1.js"], { cwd: root, env });
  // "-t build": else mcconfig also runs what it built, and ends every simulator on this machine first.
  const make = missing === undefined ? ["-m", "-t", "build"] : [];
  // No time of day before it is believed (agent/time-of-day.ts). mcconfig puts name=value into `config`.
  const built = `built=${builtAt(root)}`;
  await run("mcconfig", [...flavour, ...make, "-p", platform, "-o", out, "./manifest.json", built], {
    cwd: folder,
    env,
  });
  const flavourName = release ? "release" : "instrument";
  // mcconfig writes this folder before it compiles anything; on Linux, a level deeper.
  const made = join(out, "tmp", platform, ...(isLinux ? ["mc"] : []), flavourName, "fieldmark");
  const { config = {}, modules = {} } = JSON.parse(readFileSync(join(made, "manifest_flat.json"), "utf8"));
  checkCertificates(config.brokers ?? [], new Date());
  if (missing !== undefined)
    throw new SdkError(
      `The manifest of ${board} resolved, ${Object.keys(modules).length} modules, and mcconfig wrote\n  ${join(made, "makefile")}\nNothing was compiled, and there is no image:\n${missing}`,
    );
  if (isLinux) return { "mc.so": readFileSync(join(out, "bin/lin/mc", flavourName, "fieldmark/mc.so")) };
  try {
    return firmwareImages({
      build: join(made, `xsProj-${chip}`, "build"),
      chip: JSON.parse(readFileSync(join(root, "provision/flash/chips.json"), "utf8"))[chip],
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

/** Unix seconds of the commit, so that the same source makes the same image; without git, of the package's files. */
function builtAt(root) {
  const { status, stdout } = spawnSync("git", ["log", "-1", "--format=%ct"], { cwd: root, encoding: "utf8" });
  if (status === 0 && /^\d+\n$/.test(stdout)) return stdout.trim();
  return Math.floor(statSync(join(root, "package.json")).mtimeMs / 1000);
}

/** Runs a program with its output on standard error. Rejects with SdkError where it fails. */
export function run(program, args, options) {
  console.error(`$ ${[program, ...args].join(" ")}`);
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { ...options, stdio: ["ignore", 2, 2] });
    child.once("error", (error) => reject(new SdkError(`${program}: ${error.message}`)));
    child.once("exit", (code, signal) => {
      if (code === 0) resolve();
      else reject(new SdkError(`${program} failed: ${signal ?? `exit code ${code}`}`));
    });
  });
}
