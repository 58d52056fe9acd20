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

// What boards on XS run: one script, for an engine of ES2022 without modules or a console.
const forXs = {
  outdir: "dist",
  bundle: true,
  format: "iife",
  target: "es2022",
  minifySyntax: true, // constants in place: each variable that a function reaches costs it a stack slot
  legalComments: "none",
  logLevel: "warning",
};
await build({ ...forXs, entryPoints: { "xs-board": "host-sim/xs/board.ts" } });
await build({
  ...forXs,
  entryPoints: { "xs-noble": "bench/xs-noble.ts" },
  banner: { js: "globalThis.boot = () => {" },
  footer: { js: "};" },
});
