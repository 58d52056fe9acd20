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

// What boards on XS run: one script with the agent in it, for an engine of ES2022 without modules or a console.
await build({
  entryPoints: { "xs-board": "host-sim/xs/board.ts" },
  outdir: "dist",
  bundle: true,
  format: "iife",
  target: "es2022",
  legalComments: "none",
  logLevel: "warning",
});
