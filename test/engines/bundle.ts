import { readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { build, type Plugin } from "esbuild";

export const ROOT = join(__dirname, "../..");
const INSIDE = join(__dirname, "inside");

/** What replaces a module in the bundles, for both engines. */
const REPLACED: Readonly<Record<string, string>> = {
  "@jest/globals": "jest-globals.ts",
  [join(ROOT, "node/ports/signer")]: "signer.ts",
  [join(ROOT, "network/verify/registry")]: "registry.ts",
  [join(ROOT, "test/support/memory")]: "memory.ts",
};
/** A page of the repository, put into the bundle as it is. */
const PAGE = join(ROOT, "test/agent/frame/protocol-page");

/**
 * XS 13.3 gives every item of an array that `Array.from` makes of an array-like the key "0", for Object.keys, by which chai
 * compares; a copy has its keys. It is mended before the engine's objects are flash. `boot` is a function's body because the
 * script's top level runs in the root machine, whose memory boards cannot write.
 */
const HEAD = `"use strict";
{
  const { from } = Array;
  Array.from = (...given) => [...from.apply(Array, given)];
}
globalThis.boot = function () {`;

const standIns: Plugin = {
  name: "stand-ins",
  setup(bundler) {
    bundler.onResolve({ filter: /^node:/ }, () => ({ path: join(INSIDE, "no-node.cjs") }));
    bundler.onResolve({ filter: /.*/ }, ({ path, resolveDir, importer }) => {
      if (importer.startsWith(INSIDE)) return undefined;
      const from = path.startsWith(".") ? resolve(resolveDir, path.replace(/\.js$/, "")) : path;
      if (from === PAGE) return { path: "docs/protocol.md", namespace: "page" };
      const name = REPLACED[from];
      return name === undefined ? undefined : { path: join(INSIDE, name) };
    });
    bundler.onLoad({ filter: /.*/, namespace: "page" }, ({ path }) => ({
      contents: `export const PROTOCOL = ${JSON.stringify(readFileSync(join(ROOT, path), "utf8"))};`,
    }));
  },
};

/**
 * One test file, with all that it imports, as a script that both engines run. It sets a global function `boot`.
 */
export async function bundleTest(file: string): Promise<string> {
  const path = resolve(ROOT, file);
  const { outputFiles } = await build({
    stdin: {
      contents: `import "${INSIDE}/globals.js"; import ${JSON.stringify(path)};
        import { start } from "${INSIDE}/run.js"; start();`,
      resolveDir: dirname(path),
    },
    bundle: true,
    write: false,
    format: "iife",
    target: "es2022",
    // The build without Node's streams and without addons.
    platform: "neutral",
    mainFields: ["module", "main"],
    conditions: ["browser"],
    legalComments: "none",
    banner: { js: HEAD },
    footer: { js: "};" },
    plugins: [standIns],
  });
  return (outputFiles[0] as { text: string }).text;
}
