import { existsSync } from "node:fs";
import { basename, join } from "node:path";
import { filesIn } from "../../../node/compiler.js";
import { dependencyFolder } from "../../../node/dependency-folder.js";

/** Of the engine, and of all that includes its headers. */
export const DEFINES = [
  "-DINCLUDE_XSPLATFORM=1",
  '-DXSPLATFORM="platform.h"',
  "-DmxRun=1",
  "-DmxParse=1",
  "-DmxMetering=1",
  "-DmxInstrument=1",
  "-DmxBoundsCheck=1",
  "-DmxStringNormalize=0",
];

/** The engine counts on wrapping integers; a product is rounded before it is added, so that all machines calculate alike. */
export const ARITHMETIC = ["-ffp-contract=off", "-fwrapv"];

/** What our own files are held to. */
export const WARNINGS = ["-std=gnu11", "-Wall", "-Wextra", "-Wshadow", "-Werror"];

/** libsecp256k1: small tables, and numbers without GMP. */
export const SECP256K1 = [
  "-DECMULT_GEN_PREC_BITS=4",
  "-DECMULT_WINDOW_SIZE=2",
  "-DUSE_NUM_NONE=1",
  "-DUSE_FIELD_INV_BUILTIN=1",
  "-DUSE_SCALAR_INV_BUILTIN=1",
];
/** And where there are no integers of 128 bits. */
export const SECP256K1_32 = ["-DUSE_FIELD_10X26=1", "-DUSE_SCALAR_8X32=1"];

/** Where the sources are of what runs boards on XS, on this machine and on an emulated chip, and where the compiler finds their headers. */
export function sourcesIn(root: string) {
  const engine = engineFolder(root);
  const secp256k1 = join(dependencyFolder(root, "secp256k1") ?? root, "src/secp256k1");
  const engineFolders = ["includes", "platforms", "sources"].map((folder) => join(engine, folder));
  return {
    engineSources: join(engine, "sources"),
    engineFolders,
    secp256k1,
    /** xs-host's own. */
    native: join(root, "host-sim/engines/xs/native"),
    firmwareFolder: join(root, "firmware/native"),
    engineHeaders: engineFolders.map((folder) => `-I${folder}`),
    /** For our own files, which need not mend the engine's warnings. */
    engineSystemHeaders: engineFolders.flatMap((folder) => ["-isystem", folder]),
    /** For firmware/native, which finds npm's copy by itself where that is in the checkout (secp256k1-api.h). */
    secp256k1Elsewhere: existsSync(join(root, "node_modules/secp256k1"))
      ? []
      : ["-DFM_SECP256K1_SYSTEM=1", "-isystem", join(secp256k1, "include")],
    secp256k1Headers: [`-I${secp256k1}`, `-I${join(secp256k1, "src")}`],
  };
}

/** XS's C sources: of the npm package that carries them, or as a packed Fieldmark has them. */
function engineFolder(root: string): string {
  const carrier = dependencyFolder(root, "@agoric/xsnap");
  return carrier === undefined ? join(root, "dist/xs") : join(carrier, "moddable/xs");
}

/**
 * Files of the engine that nobody needs here: a snapshot's, a profiler's; and one that a file of
 * ours includes.
 */
const LEFT_OUT = new Set(["xsDefaults.c", "xsSnapshot.c", "xsProfile.c"]);

/** The engine's C files that are compiled. */
export function engineFiles(folder: string): string[] {
  return filesIn(folder, ".c").filter((file) => !LEFT_OUT.has(basename(file)));
}
