// Replays a day of frames into a witness: `node scripts/witness-day.js --help`.
import { spawnSync } from "node:child_process";
import { build } from "esbuild";

const program = "build/witness-day.js";
await build({
  entryPoints: ["bench/witness-day.ts"],
  outfile: program,
  bundle: true,
  packages: "external",
  platform: "node",
  target: "node20",
  format: "esm",
  sourcemap: "linked",
  logLevel: "warning",
});
const { status } = spawnSync(process.execPath, ["--enable-source-maps", program, ...process.argv.slice(2)], {
  stdio: "inherit",
});
process.exitCode = status ?? 1;
