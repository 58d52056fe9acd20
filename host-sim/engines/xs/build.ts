import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import {
  compileMissing,
  digest,
  filesIn,
  findCompiler,
  headerDigest,
  make,
  missingCompiler,
  type Unit,
  unitsIn,
} from "../../../node/compiler.js";
import { engineFiles } from "./engine-flags.js";
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
  await compileMissing(compiler, units, "the XS engine", progress);
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
  const engineHeaders = headerDigest(flags.engineFolders, readFileSync(join(flags.ownFolder, "platform.h")));
  const ownHeaders = headerDigest([flags.ownFolder, flags.firmwareFolder], engineHeaders);
  const unit = unitsIn(folder, version);
  const ownSources = filesIn(flags.ownFolder, ".c").filter(
    (file) => !(flags.hasSystemLibrary && basename(file) === LIBRARY_UNIT),
  );
  return [
    ...engineFiles(flags.engineSources).map((file) => unit(file, flags.engine, engineHeaders)),
    ...[...ownSources, ...flags.firmware].map((file) => {
      const name = basename(file);
      const own = name === LIBRARY_UNIT ? flags.secp256k1 : name === "defaults.c" ? flags.engine : flags.own;
      return unit(file, own, ownHeaders);
    }),
  ];
}
