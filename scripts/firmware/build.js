import { spawn } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { idfMissing, pathWith, SdkError } from "./sdk.js";

/**
 * Runs mcconfig on manifests/<board>. Returns the files that it made, by the names that they get in dist/. For an ESP32
 * without ESP-IDF the manifest is resolved as far as mcconfig goes, and an SdkError says what is missing.
 */
export async function buildFirmware({ root, sdk, board, platform, isLinux, release }) {
  const folder = join(root, "manifests", board);
  if (!existsSync(join(folder, "manifest.json"))) throw new SdkError(`there is no manifests/${board} yet`);
  const out = join(root, "build/firmware", board);
  mkdirSync(out, { recursive: true });
  const env = { ...process.env, PATH: pathWith(sdk, root, process.env) };
  const flavour = release ? [] : ["-i"];
  // "-t build": else mcconfig also runs what it built, and ends every simulator on this machine first.
  const make = isLinux ? ["-m", "-t", "build"] : idfMissing(env) ? [] : ["-m", "-t", "build"];
  await run(
    "mcconfig",
    [...flavour, ...make, "-p", platform, "-o", out, "./manifest.json"],
    { cwd: folder, env },
    () => (isLinux ? undefined : idfMissing(env)),
  );
  if (!isLinux) return { files: {} };
  const flavourFolder = join(out, "bin/lin/mc", release ? "release" : "instrument");
  return { files: { "mc.so": join(flavourFolder, "fieldmark/mc.so") } };
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
