import { execFileSync, spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { run } from "./build.js";

/** Compiles firmware/sim/loader.c, which stands for the SDK's simulator where there is no display. */
export async function buildLoader({ root, sdk, board }) {
  const folder = join(root, "build/firmware", board);
  const loader = join(folder, "loader");
  mkdirSync(folder, { recursive: true });
  const glib = execFileSync("pkg-config", ["--cflags", "--libs", "glib-2.0"], { encoding: "utf8" }).trim();
  await run("cc", [
    ...["-O2", "-Wall", "-Wextra", "-Wshadow", "-Werror", "-o", loader, join(root, "firmware/sim/loader.c")],
    ...["-I", join(sdk.folder, "build/simulators/modules"), ...glib.split(/\s+/), "-ldl"],
  ]);
  return loader;
}

/** Runs the firmware, its console on standard output, until it ends or a signal ends it. Resolves to the exit code. */
export function runLoader({ loader, library, home }) {
  const child = spawn(loader, [library], {
    stdio: ["ignore", "inherit", "inherit"],
    env: { ...process.env, HOME: home },
  });
  // Ctrl-C reaches both; this process waits for the other.
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => child.kill(signal));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => resolve(code ?? (signal === null ? 1 : 128)));
  });
}
