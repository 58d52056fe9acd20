// Bundles the executables into dist/, and compiles the checker of signatures where there is a C compiler. `npm ci` runs this; so do `npm test` and `npm run bench`.
import { cpSync, readdirSync, rmSync } from "node:fs";
import { build } from "esbuild";
import { buildPage } from "../provision/page/build.js";
import { warnOfOldNpm } from "./npm-version.js";
import { forXs } from "./xs-bundle.js";

warnOfOldNpm();

const { metafile } = await build({
  entryPoints: { fieldmark: "cli/main.ts", bench: "bench/main.ts", "checker-build": "node/checker-build.ts" },
  outdir: "dist",
  bundle: true,
  packages: "external",
  platform: "node",
  target: "node20",
  format: "esm",
  splitting: true, // a verb loads what it needs, and no more: memory
  metafile: true,
  sourcemap: "linked",
  logLevel: "warning",
});

// Parts of an earlier build, which have other names. What runs has loaded or still finds its own.
for (const name of readdirSync("dist"))
  if (/-[A-Z0-9]{8}\.js(\.map)?$/.test(name) && !(`dist/${name}` in metafile.outputs)) rmSync(`dist/${name}`);

// What boards on XS run: the agent; and what it is measured beside.
await build({
  ...forXs,
  outdir: "dist",
  entryPoints: {
    "xs-board": "host-sim/engines/xs/board.ts",
    "xs-virtual": "host-sim/world/xs/board.ts",
    "rv32-board": "host-sim/virtual-board/rv32/board/main.ts",
  },
});
await build({
  ...forXs,
  outdir: "dist",
  entryPoints: { "xs-noble": "bench/xs-noble.ts" },
  banner: { js: "globalThis.boot = () => {" },
  footer: { js: "};" },
});

await buildPage("dist/page");

// What a packed Fieldmark compiles XS from: the npm package that carries the sources wants much else, and is not for users.
const XS = "node_modules/@agoric/xsnap";
for (const part of ["includes", "platforms", "sources"])
  cpSync(`${XS}/moddable/xs/${part}`, `dist/xs/${part}`, { recursive: true });
cpSync(`${XS}/LICENSE`, "dist/xs/LICENSE");

const { buildChecker } = await import(new URL("../dist/checker-build.js", import.meta.url).href);
await buildChecker(process.cwd(), () => {});
