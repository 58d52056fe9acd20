// Bundles the executables into dist/. `npm ci` runs this; so do `npm test` and `npm run bench`.
import { build } from "esbuild";
import { forXs } from "./xs-bundle.js";

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

// What boards on XS run: the agent; and what it is measured beside.
await build({ ...forXs, outdir: "dist", entryPoints: { "xs-board": "host-sim/xs/board.ts" } });
await build({
  ...forXs,
  outdir: "dist",
  entryPoints: { "xs-noble": "bench/xs-noble.ts" },
  banner: { js: "globalThis.boot = () => {" },
  footer: { js: "};" },
});
