import { existsSync } from "node:fs";
import { join } from "node:path";

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
  const engine = join(root, "node_modules/@agoric/xsnap/moddable/xs");
  const secp256k1 = join(root, "node_modules/secp256k1/src/secp256k1");
  const ownFolder = join(root, "host-sim/xs/native");
  const firmwareFolder = join(root, "firmware/native");
  const engineFolders = ["includes", "platforms", "sources"].map((folder) => join(engine, folder));
  const sanitize = flavour === "sanitize";
  // A newer release signs in three quarters of the time; npm's copy is from before 0.2.
  const hasSystemLibrary = !sanitize && SYSTEM_LIBRARY.every((path) => existsSync(path));
  const optimize = sanitize
    ? ["-O1", "-g1", "-fno-omit-frame-pointer"]
    : ["-O2", "-g1", "-fno-strict-aliasing"];
  const defines = [
    "-DINCLUDE_XSPLATFORM=1",
    '-DXSPLATFORM="platform.h"',
    "-DmxRun=1",
    "-DmxParse=1",
    "-DmxMetering=1",
    "-DmxInstrument=1",
    "-DmxBoundsCheck=1",
    "-DmxStringNormalize=0",
  ];
  const wide = process.arch === "x64" || process.arch === "arm64";
  return {
    engineSources: join(engine, "sources"),
    engineFolders,
    ownFolder,
    /** The firmware's signer, without what only a single board has. */
    firmwareFolder,
    firmware: ["signer.c", "sha256.c", "health.c", "entropy.c", "random-linux.c"].map((name) =>
      join(firmwareFolder, name),
    ),
    /** Its own warnings are its own affair; it counts on wrapping integers. */
    engine: [
      ...optimize,
      ...defines,
      "-w",
      "-fno-strict-aliasing",
      "-ffp-contract=off",
      "-fwrapv",
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
      ...engineFolders.map((folder) => `-I${folder}`),
      `-I${ownFolder}`,
    ],
    hasSystemLibrary,
    own: [
      ...optimize,
      ...defines,
      ...(hasSystemLibrary ? ["-DFM_SECP256K1_SYSTEM=1"] : []),
      "-std=gnu11",
      "-Wall",
      "-Wextra",
      "-Wshadow",
      "-Werror",
      ...(sanitize ? ["-fsanitize=address,undefined", "-fno-sanitize-recover=undefined"] : []),
      ...engineFolders.flatMap((folder) => ["-isystem", folder]),
      `-I${ownFolder}`,
    ],
    secp256k1: [
      ...optimize,
      "-w",
      "-DECMULT_GEN_PREC_BITS=4",
      "-DECMULT_WINDOW_SIZE=2",
      "-DUSE_NUM_NONE=1",
      "-DUSE_FIELD_INV_BUILTIN=1",
      "-DUSE_SCALAR_INV_BUILTIN=1",
      // The sanitizers leave too few registers for its assembler.
      ...(process.arch === "x64" && !sanitize ? ["-DUSE_ASM_X86_64=1"] : []),
      ...(wide
        ? ["-DHAVE___INT128=1", "-DUSE_FIELD_5X52=1", "-DUSE_SCALAR_4X64=1"]
        : ["-DUSE_FIELD_10X26=1", "-DUSE_SCALAR_8X32=1"]),
      ...(sanitize ? ["-fsanitize=address,undefined"] : []),
      `-I${secp256k1}`,
      `-I${join(secp256k1, "src")}`,
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
