import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";

/** A file of the repository and the relative imports in it, as paths from the root. */
export interface Source {
  readonly path: string;
  readonly imports: readonly { readonly path: string; readonly isType: boolean }[];
}

/**
 * Who may import whom, from the lowest room up: a room imports from itself and from those in its
 * row. A file in no room is an error. docs/architecture.md says what each room is for.
 */
export const LAYERS: Readonly<Record<string, readonly string[]>> = {
  agent: [],
  text: ["agent"],
  firmware: ["agent"],
  network: ["agent", "text"],
  inspect: ["agent", "text", "network"],
  provision: ["agent", "text", "network"],
  "provision/page": ["agent", "text", "network", "provision"],
  node: ["agent", "text", "network", "provision"],
  tools: ["agent", "text", "node"],
  "host-sim/engines": ["agent", "node"],
  "host-sim/virtual-board": ["agent", "firmware", "provision", "node", "host-sim/engines"],
  "host-sim/world": ["agent", "network", "node", "host-sim/engines", "host-sim/virtual-board"],
  "host-sim/fleet": ["agent", "text", "network", "node", "host-sim/engines"],
  cli: [
    "agent",
    "text",
    "network",
    "inspect",
    "provision",
    "provision/page",
    "node",
    "tools",
    "host-sim/engines",
    "host-sim/virtual-board",
    "host-sim/world",
    "host-sim/fleet",
  ],
  scripts: ["provision/page"],
};

/**
 * Measurements and tests may import all of that, and `bench` the tests' support, which starts its
 * brokers.
 */
const OBSERVERS: Readonly<Record<string, readonly string[]>> = {
  "test/support": [],
  bench: ["scripts", "test/support"],
  test: ["scripts", "test/support", "bench"],
};

/** The room that a file is in: the longest name in the table that leads to it. */
export function roomOf(path: string): string | undefined {
  return [...Object.keys(LAYERS), ...Object.keys(OBSERVERS)]
    .filter((room) => path.startsWith(`${room}/`))
    .sort((a, b) => b.length - a.length)[0];
}

/**
 * Each import that its room's row does not allow, with the row; and each file that is in no room.
 */
export function wrongImports(sources: readonly Source[]): string[] {
  return sources.flatMap(({ path, imports }) => {
    const room = roomOf(path);
    if (room === undefined) return [`${path} is in no room of the table`];
    const isObserver = room in OBSERVERS;
    const row = LAYERS[room] ?? [...Object.keys(LAYERS), ...(OBSERVERS[room] as readonly string[])];
    return imports
      .filter((imported) => {
        const other = roomOf(imported.path);
        return other !== room && (other === undefined || !row.includes(other));
      })
      .map((imported) => {
        const allowed = isObserver ? "all but tests" : row.join(", ") || "nothing";
        return `${path} imports ${imported.path}: ${room} may import ${allowed}`;
      });
  });
}

/** Files that need each other to be loaded, each such set as one line. */
export function cycles(sources: readonly Source[]): string[] {
  const needs = new Map(
    sources.map(({ path, imports }) => [
      path,
      imports.filter(({ isType }) => !isType).map((imported) => imported.path),
    ]),
  );
  const found = new Set<string>();
  const done = new Set<string>();
  const way: string[] = [];
  const visit = (path: string) => {
    const at = way.indexOf(path);
    if (at >= 0) found.add([...way.slice(at)].sort().join(" <-> "));
    if (at >= 0 || done.has(path)) return;
    way.push(path);
    for (const next of needs.get(path) ?? []) visit(next);
    way.pop();
    done.add(path);
  };
  for (const path of needs.keys()) visit(path);
  return [...found];
}

const SKIPPED = new Set(["node_modules", "dist", "build", "vectors", ".git"]);
const IMPORT =
  /^(?:import|export) (type )?(?:[^"';]*? from )?"(\.[^"]+)"|\bimport\("(\.[^"]+)"\)|require\.resolve\("(\.[^"]+)"\)/gm;

/** All files of TypeScript and JavaScript below the rooms of `root`. */
export function readSources(root: string): Source[] {
  const inside = (folder: string): string[] =>
    readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return SKIPPED.has(entry.name) ? [] : inside(path);
      return /\.[jt]s$/.test(entry.name) && folder !== "" ? [path] : [];
    });
  return inside("").map((path) => ({
    path,
    imports: [...readFileSync(join(root, path), "utf8").matchAll(IMPORT)].map(
      ([, type, plain, dynamic, resolved]) => ({
        path: fileOf(root, path, plain ?? dynamic ?? (resolved as string)),
        isType: type !== undefined,
      }),
    ),
  }));
}

function fileOf(root: string, from: string, name: string): string {
  const path = relative(root, join(root, dirname(from), name));
  const candidates = [path, path.replace(/\.js$/, ".ts"), path.replace(/\.js$/, ".d.ts")];
  return candidates.find((candidate) => existsSync(join(root, candidate))) ?? path;
}
