import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "@jest/globals";
import { LAYERS } from "./support/layers.js";

const ROOT = join(__dirname, "..");
const PAGES = ["README.md", ...readdirSync(join(ROOT, "docs")).map((name) => `docs/${name}`)].filter((name) =>
  name.endsWith(".md"),
);
const read = (page: string) => readFileSync(join(ROOT, page), "utf8");
const matches = (text: string, pattern: RegExp) =>
  [...text.matchAll(pattern)].map(([, found]) => found as string);

const TOP = [...Object.keys(LAYERS), "host-sim", "test", "bench", "manifests", "scripts"];
/** Media types that look like a path into the room `text`. */
const MEDIA_TYPES = ["text/csv"];
const isThere = (path: string) =>
  MEDIA_TYPES.includes(path) ||
  ["", ".ts", ".test.ts"].some((ending) => existsSync(join(ROOT, path + ending)));

test.each(PAGES)("files and folders that %s names are there", (page) => {
  const named = matches(
    read(page),
    /(?<![\w/.:-])((?:\.\.\/)?[a-z][\w-]*\/[\w./-]*\w\/?)(?![\w*<{-])/g,
  ).filter((path) => TOP.some((top) => path.startsWith(`${top}/`)));
  expect(named.filter((path) => !isThere(path))).toEqual([]);
});

test.each(PAGES)("pages that %s links to are there", (page) => {
  const linked = matches(read(page), /\]\(((?!https?:|#)[^)#]+)(?:#[^)]*)?\)/g);
  expect(linked.filter((path) => !existsSync(join(ROOT, dirname(page), path)))).toEqual([]);
});

test("tests that pages say how to run are there", () => {
  const tests = readdirSync(join(ROOT, "test"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".test.ts"))
    .map((name) => `test/${name}`);
  const patterns = PAGES.flatMap((page) => matches(read(page), /npx jest ([^`\n]+)/g)).flatMap((given) =>
    given.split(" ").filter((word) => word.startsWith("test/")),
  );
  expect(patterns.length).toBeGreaterThan(10);
  expect(patterns.filter((pattern) => !tests.some((name) => name.includes(pattern)))).toEqual([]);
});
