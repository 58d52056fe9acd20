// Fuzzes every entry and every renderer: `node scripts/fuzz.js --help` (docs/architecture.md).
import { spawnSync } from "node:child_process";
import { build } from "esbuild";

const program = "build/fuzz/fuzz.js";
await build({
  entryPoints: ["test/fuzz/main.ts"],
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
