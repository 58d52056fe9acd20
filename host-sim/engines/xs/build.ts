import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { compileAll, digest, filesIn, findCompiler, make, missingCompiler, type Unit } from "./compiler.js";
import { type Flavour, flagsFor } from "./flags.js";

export interface BuildOptions {
  /** The package's folder. */
  readonly root: string;
  /** With AddressSanitizer and UndefinedBehaviorSanitizer, for tests. */
  readonly flavour?: Flavour;
  readonly progress: (line: string) => void;
}

/** libsecp256k1 of npm's, where the system has none. */
const LIBRARY_UNIT = "secp256k1_unit.c";
/** Engine files that nobody needs here: a snapshot's, a profiler's; and one that a file of ours includes. */
const LEFT_OUT = new Set(["xsDefaults.c", "xsSnapshot.c", "xsProfile.c"]);

/**
 * Compiles xs-host, or finds it compiled: everything is named by the hash of what it is made from, and kept in build/.
 * Returns the program's path. Throws an Error that says what to install where there is no compiler.
 */
export async function buildXsHost({ root, flavour = "release", progress }: BuildOptions): Promise<string> {
  const found = findCompiler();
  if (found === undefined)
    throw new Error(`boards on XS need a C compiler: ${missingCompiler()}, or run with --engine node`);
  const { command: compiler, version } = found;
  const folder = join(root, "build", `xs-${flavour}`);
  mkdirSync(folder, { recursive: true });
  const units = listUnits(root, folder, flavour, version);
  const missing = units.filter(({ object }) => !existsSync(object));
  if (missing.length > 0) {
    progress(`compiling the XS engine, once: ${missing.length} files`);
    await compileAll(compiler, missing, progress);
  }
  const { link } = flagsFor(root, flavour);
  const program = join(folder, `xs-host.${digest(...units.map(({ object }) => object), ...link)}`);
  if (!existsSync(program))
    await make(
      compiler,
      units.map(({ object }) => object),
      link,
      program,
    );
  return program;
}

function listUnits(root: string, folder: string, flavour: Flavour, version: Buffer): Unit[] {
  const flags = flagsFor(root, flavour);
  const headers = (folders: readonly string[]) =>
    folders.flatMap((path) => filesIn(path, ".h").map((file) => readFileSync(file)));
  const engineHeaders = digest(
    ...headers(flags.engineFolders),
    readFileSync(join(flags.ownFolder, "platform.h")),
  );
  const ownHeaders = digest(engineHeaders, ...headers([flags.ownFolder, flags.firmwareFolder]));
  const unit = (source: string, own: readonly string[], seen: string): Unit => ({
    source,
    flags: own,
    object: join(
      folder,
      `${basename(source)}.${digest(version, own.join(" "), seen, readFileSync(source))}.o`,
    ),
  });
  const engine = filesIn(flags.engineSources, ".c").filter((file) => !LEFT_OUT.has(basename(file)));
  const ownSources = filesIn(flags.ownFolder, ".c").filter(
    (file) => !(flags.hasSystemLibrary && basename(file) === LIBRARY_UNIT),
  );
  return [
    ...engine.map((file) => unit(file, flags.engine, engineHeaders)),
    ...[...ownSources, ...flags.firmware].map((file) => {
      const name = basename(file);
      const own = name === LIBRARY_UNIT ? flags.secp256k1 : name === "defaults.c" ? flags.engine : flags.own;
      return unit(file, own, ownHeaders);
    }),
  ];
}
