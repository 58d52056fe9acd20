// Witnesses that vote, with losses, partitions, kills and liars: `node scripts/epoch-walks.js 1 1000` has seeds 1 to 1000.
import { spawnSync } from "node:child_process";
import { build } from "esbuild";

const program = "build/epoch-walks/main.js";
await build({
  entryPoints: ["test/network/epoch/walks-main.ts"],
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
