import { existsSync } from "node:fs";
import { join } from "node:path";
import { ARITHMETIC, DEFINES, SECP256K1, SECP256K1_32, sourcesIn, WARNINGS } from "./engine-flags.js";

export type Flavour = "release" | "sanitize";

/** Where Debian's libsecp256k1-dev puts what the compiler and the linker look for. */
const SYSTEM_LIBRARY = [
  "/usr/include/secp256k1.h",
  `/usr/lib/${process.arch === "arm64" ? "aarch64" : "x86_64"}-linux-gnu/libsecp256k1.so`,
];

/** Functions of the engine that this host stands before. */
const WRAPPED = ["fxCheckProfiler", "fxNewChunk", "fxNewGrowableChunk", "fxRenewChunk"];

/**
 * How xs-host is compiled. The engine is unpatched: what it needs to know of this host stands in native/platform.h.
 * libsecp256k1 comes with npm secp256k1.
 */
export function flagsFor(root: string, flavour: Flavour) {
  const {
    engineSources,
    engineFolders,
    secp256k1Elsewhere,
    secp256k1Headers,
    native: ownFolder,
    firmwareFolder,
    engineHeaders,
    engineSystemHeaders,
  } = sourcesIn(root);
  const sanitize = flavour === "sanitize";
  // A newer release signs in three quarters of the time; npm's copy is from before 0.2.
  const hasSystemLibrary = !sanitize && SYSTEM_LIBRARY.every((path) => existsSync(path));
  const optimize = sanitize
    ? ["-O1", "-g1", "-fno-omit-frame-pointer"]
    : ["-O2", "-g1", "-fno-strict-aliasing"];
  const wide = process.arch === "x64" || process.arch === "arm64";
  return {
    engineSources,
    engineFolders,
    ownFolder,
    /** The firmware's signer, without what only a single board has. */
    firmwareFolder,
    firmware: ["signer.c", "sha256.c", "health.c", "entropy.c", "random-linux.c"].map((name) =>
      join(firmwareFolder, name),
    ),
    /** Its own warnings are its own affair. */
    engine: [
      ...optimize,
      ...DEFINES,
      "-w",
      "-fno-strict-aliasing",
      ...ARITHMETIC,
      // Chunks are aligned for the engine's own needs, which are less than the sanitizer's. The others are left out since
      // they make up two thirds of the time to compile: AddressSanitizer sees what a null or too short object leads to.
      // It sees the use of free slots, too.
      ...(sanitize
        ? [
            "-fsanitize=address,undefined",
            "-fno-sanitize=alignment,null,object-size,pointer-overflow",
            "-fno-sanitize-recover=undefined",
            "-DmxPoisonSlots=1",
          ]
        : []),
      ...engineHeaders,
      `-I${ownFolder}`,
    ],
    hasSystemLibrary,
    own: [
      ...optimize,
      ...DEFINES,
      ...(hasSystemLibrary ? ["-DFM_SECP256K1_SYSTEM=1"] : secp256k1Elsewhere),
      ...WARNINGS,
      ...(sanitize ? ["-fsanitize=address,undefined", "-fno-sanitize-recover=undefined"] : []),
      ...engineSystemHeaders,
      `-I${ownFolder}`,
    ],
    secp256k1: [
      ...optimize,
      "-w",
      ...SECP256K1,
      // The sanitizers leave too few registers for its assembler.
      ...(process.arch === "x64" && !sanitize ? ["-DUSE_ASM_X86_64=1"] : []),
      ...(wide ? ["-DHAVE___INT128=1", "-DUSE_FIELD_5X52=1", "-DUSE_SCALAR_4X64=1"] : SECP256K1_32),
      ...(sanitize ? ["-fsanitize=address,undefined"] : []),
      ...secp256k1Headers,
    ],
    link: [
      ...WRAPPED.map((name) => `-Wl,--wrap=${name}`),
      ...(sanitize ? ["-fsanitize=address,undefined"] : []),
      ...(hasSystemLibrary ? ["-lsecp256k1"] : []),
      "-lm",
      "-lpthread",
    ],
  };
}
