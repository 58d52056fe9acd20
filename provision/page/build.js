// Bundles the page into a folder that any web server can serve: scripts/build.js calls it.
import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";

const STATIC = ["index.html", "page.css", "page.webmanifest", "icon.svg"];
const FILES = [...STATIC, "page.js"];

/** zod brings its messages in 40 languages, a quarter of a megabyte; the page shows the English ones, which come by another way. */
const withoutLocales = {
  name: "without-locales",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /locales\/index\.js$/ }, () => ({ path: "none", namespace: "locales" }));
    onLoad({ filter: /.*/, namespace: "locales" }, () => ({ contents: "export {};" }));
  },
};

const forBrowsers = {
  bundle: true,
  platform: "browser",
  format: "esm",
  target: "es2022",
  minify: true,
  legalComments: "eof",
  logLevel: "warning",
  plugins: [withoutLocales],
};

export async function buildPage(into, source = import.meta.dirname) {
  mkdirSync(into, { recursive: true });
  for (const name of STATIC) copyFileSync(join(source, name), join(into, name));
  await build({ ...forBrowsers, entryPoints: [join(source, "main.ts")], outfile: join(into, "page.js") });
  const hash = createHash("sha256");
  for (const name of FILES) hash.update(readFileSync(join(into, name)));
  await build({
    ...forBrowsers,
    entryPoints: [join(source, "service-worker.ts")],
    outfile: join(into, "service-worker.js"),
    define: {
      PAGE_FILES: JSON.stringify(FILES),
      PAGE_VERSION: JSON.stringify(hash.digest("hex").slice(0, 16)),
    },
  });
}
