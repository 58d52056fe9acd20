import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { ROOT } from "./sdk.js";

interface Manifest {
  readonly include?: readonly string[];
  readonly modules?: { readonly [name: string]: string | readonly string[] };
  readonly preload?: readonly string[];
  readonly creation?: { readonly main?: string };
}

const MANIFESTS = join(ROOT, "manifests");
const BOARDS = readdirSync(MANIFESTS).filter((board) => mainOf(board) !== undefined);

function read(path: string): Manifest {
  return JSON.parse(readFileSync(path, "utf8")) as Manifest;
}

function mainOf(board: string): string | undefined {
  const path = join(MANIFESTS, board, "manifest.json");
  return existsSync(path) ? read(path).creation?.main : undefined;
}

/** What a manifest and all of ours that it includes say: TypeScript files by module name, and the names to preload. */
function gather(path: string, modules = new Map<string, string>(), preload = new Set<string>()) {
  const manifest = read(path);
  for (const other of manifest.include ?? [])
    if (other.startsWith(".")) gather(join(dirname(path), other), modules, preload);
  for (const [name, files] of Object.entries(manifest.modules ?? {}))
    for (const file of [files].flat()) {
      const source = `${join(dirname(path), file)}.ts`;
      if (existsSync(source)) modules.set(name.replace("*", file.split("/").at(-1) as string), source);
    }
  for (const name of manifest.preload ?? []) preload.add(name);
  return { modules, preload };
}

/** Modules that are made from files of another name. */
const ELSEWHERE = ["host-sim/engines/xs/board/freeze", "@jest/globals"];

/** Imports that are there at run time, as module names; of relative ones the SDK takes `.js` off. */
function importsOf(name: string, source: string): string[] {
  const text = readFileSync(source, "utf8");
  const found = text.matchAll(/^(?:import|export) (?!type )(?:[^"';]*? from )?"([^"]+)"/gm);
  return [...found].map(([, path = ""]) =>
    path.startsWith(".") ? join(dirname(name), path.slice(0, -".js".length)) : path,
  );
}

describe.each(BOARDS)("manifests/%s", (board) => {
  const { modules, preload } = gather(join(MANIFESTS, board, "manifest.json"));

  test("names every module that its main imports, and no other of ours", () => {
    const reached = new Set<string>();
    const reach = (name: string) => {
      if (reached.has(name)) return;
      reached.add(name);
      const source = modules.get(name);
      if (source !== undefined) importsOf(name, source).forEach(reach);
    };
    reach(mainOf(board) as string);
    const ours = [...reached].filter(
      (name) => modules.has(name) || /^(agent|firmware|host-sim|test)\//.test(name),
    );
    expect([...modules.keys()].sort()).toEqual(ours.sort());
  });

  // The SDK preloads TypeScript by name only: a wildcard silently means nothing.
  test("preloads all of them but those that call C as they load", () => {
    const native = [...modules].filter(([name]) => !preload.has(name)).map(([name]) => name);
    const allowed = /^(firmware\/sim|host-sim\/engines\/xs|test\/(firmware\/)?conformance|@jest)\//;
    expect(native.filter((name) => !allowed.test(name))).toEqual([]);
    expect([...preload].filter((name) => !modules.has(name))).toEqual([]);
  });

  test("takes modules from files of the same name", () => {
    for (const [name, source] of modules)
      if (!ELSEWHERE.includes(name)) expect(relative(ROOT, source)).toBe(`${name}.ts`);
  });
});

test("a board says the version of this package", () => {
  const { config } = JSON.parse(readFileSync(join(MANIFESTS, "base/manifest.json"), "utf8")) as {
    config: { version: string };
  };
  const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { version: string };
  expect(config.version).toBe(version);
  // And its image, by which an older one is known.
  for (const board of ["esp32", "esp32c3", "esp32s3", "m5atom"])
    expect(readFileSync(join(MANIFESTS, board, "sdkconfig.defaults"), "utf8")).toContain(
      `CONFIG_APP_PROJECT_VER_FROM_CONFIG=y\nCONFIG_APP_PROJECT_VER="${version}"\n`,
    );
});
