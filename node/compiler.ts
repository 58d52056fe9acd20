import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, renameSync } from "node:fs";
import { availableParallelism } from "node:os";
import { basename, join } from "node:path";

export interface Compiler {
  readonly command: string;
  /** What it says of itself. */
  readonly version: Buffer;
}

/** One C file and what it becomes. */
export interface Unit {
  readonly source: string;
  readonly flags: readonly string[];
  readonly object: string;
}

/** Why there is none, and how people get one. */
export function missingCompiler(): string {
  const install = "install one (Debian: apt-get install gcc libc6-dev; macOS: xcode-select --install)";
  const { CC } = process.env;
  return CC ? `CC is "${CC}", which does not run; unset it, or ${install}` : install;
}

/** The C compiler of this machine: what CC names, or cc. Undefined where there is none. */
export function findCompiler(): Compiler | undefined {
  const command = process.env.CC || "cc";
  const { status, stdout } = spawnSync(command, ["--version"]);
  return status === 0 ? { command, version: stdout } : undefined;
}

/**
 * Makes units whose objects are in `folder`, named by all that goes into them. `seen`: the digest
 * of the headers that a file sees.
 */
export function unitsIn(folder: string, version: string | Buffer) {
  return (source: string, flags: readonly string[], seen: string): Unit => {
    const name = digest(version, flags.join(" "), seen, readFileSync(source));
    return { source, flags, object: join(folder, `${basename(source)}.${name}.o`) };
  };
}

/** What the headers in these folders, and what else is given, say. */
export function headerDigest(folders: readonly string[], ...more: readonly (string | Buffer)[]): string {
  const headers = folders.flatMap((folder) => filesIn(folder, ".h").map((file) => readFileSync(file)));
  return digest(...more, ...headers);
}

/** Compiles those whose objects are not there yet. `what`: for people. */
export async function compileMissing(
  compiler: string,
  units: readonly Unit[],
  what: string,
  progress: (line: string) => void,
): Promise<void> {
  const missing = units.filter(({ object }) => !existsSync(object));
  if (missing.length === 0) return;
  progress(`compiling ${what}, once: ${missing.length} files`);
  await compileAll(compiler, missing, progress);
}

/** Compiles them, as many at once as there are cores. */
async function compileAll(
  compiler: string,
  units: readonly Unit[],
  progress: (line: string) => void,
): Promise<void> {
  const queue = [...units];
  let done = 0;
  async function work(): Promise<void> {
    for (let unit = queue.shift(); unit !== undefined; unit = queue.shift()) {
      await make(compiler, [unit.source], [...unit.flags, "-c"], unit.object);
      progress(`compiled ${++done} of ${units.length}: ${basename(unit.source)}`);
    }
  }
  await Promise.all(Array.from({ length: availableParallelism() }, work));
}

/**
 * Runs a compiler or linker. To a name of its own first: a build that is broken off leaves nothing half, nor do two at once. Throws an
 * Error with what the compiler said.
 */
export async function make(
  compiler: string,
  inputs: readonly string[],
  flags: readonly string[],
  output: string,
): Promise<void> {
  const partial = `${output}.${process.pid}`;
  await new Promise<void>((resolve, reject) => {
    const child = spawn(compiler, ["-o", partial, ...inputs, ...flags], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    let said = "";
    child.stderr.on("data", (chunk) => {
      said += chunk;
    });
    child.once("error", reject);
    child.once("close", (code, signal) => {
      if (code === 0) resolve();
      else if (signal !== null)
        reject(new Error(`compiling was stopped (${signal}); the next start goes on with it`));
      else reject(new Error(`${compiler} failed for ${inputs[0]}:\n${said.slice(0, 4000)}`));
    });
  });
  renameSync(partial, output);
}

/** Paths, sorted. */
export function filesIn(folder: string, ending: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(ending))
    .sort()
    .map((name) => join(folder, name));
}

/** A name for what is made of these. */
export function digest(...parts: readonly (string | Buffer)[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part).update("\0");
  return hash.digest("hex").slice(0, 20);
}
