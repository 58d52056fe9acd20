// Bundles the executables into dist/. `npm ci` runs this; so do `npm test` and `npm run bench`.
import { build } from "esbuild";

await build({
  entryPoints: { fieldmark: "cli/main.ts", bench: "bench/main.ts" },
  outdir: "dist",
  bundle: true,
  packages: "external",
  platform: "node",
  target: "node20",
  format: "esm",
  sourcemap: "linked",
  logLevel: "warning",
});
