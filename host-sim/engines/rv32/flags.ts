import { join } from "node:path";
import { ARITHMETIC, DEFINES, SECP256K1, SECP256K1_32, sourcesIn, WARNINGS } from "../xs/engine-flags.js";

/** Debian's cross compiler and its tools (gcc-riscv64-unknown-elf, binutils-riscv64-unknown-elf). */
export const TOOLS = "riscv64-unknown-elf-";

/** Where Debian's picolibc-riscv64-unknown-elf is. */
const PICOLIBC = "/usr/lib/picolibc/riscv64-unknown-elf";

/** Files of xs-host (host-sim/engines/xs/native) that this board runs as they are. */
const SHARED = [
  "arguments",
  "board",
  "defaults",
  "flash",
  "frames",
  "natives",
  "natives-call",
  "natives-flash",
  "platform",
  "protocol",
  "random",
  "root",
  "run",
];
const FIRMWARE = ["signer", "sha256", "health", "entropy"];
/** Its own files, by the image that they are for. */
const BOTH = [
  "pmp",
  "interrupts",
  "uart",
  "virtio",
  "console",
  "nor",
  "boards",
  "counters",
  "entropy-device",
  "trap",
  "no-calls",
  "library",
];
const BOARD = ["main", "heap", "memory", "clock", "no-parser"];
const PREPARE = ["prepare"];

/** Functions of the engine that the board stands before. */
const WRAPPED = ["fxCheckProfiler"];

/** The core of an ESP32-C3: no atomics, no floating point. Its csr instructions are an extension by name. */
const CORE = ["-march=rv32imc_zicsr", "-mabi=ilp32", "-msmall-data-limit=0"];

/** How the images of the bare board are compiled and linked. The engine is unpatched; libsecp256k1 is npm's. */
export function flagsFor(root: string) {
  const {
    engineSources,
    engineFolders,
    secp256k1,
    secp256k1Elsewhere,
    secp256k1Headers,
    native: shared,
    firmwareFolder,
    engineHeaders,
    engineSystemHeaders,
  } = sourcesIn(root);
  const native = join(root, "host-sim/engines/rv32/native");
  // The compiler's first scheduler wants more registers than there are: signing would take a tenth longer.
  const code = [
    ...CORE,
    "-O2",
    "-fno-schedule-insns",
    "-g1",
    "-ffunction-sections",
    "-fdata-sections",
    "-fno-strict-aliasing",
    "-fno-common",
  ];
  const defines = ["-DXSH_BARE=1", ...DEFINES];
  const library = ["-isystem", join(PICOLIBC, "include")];
  const files = (folder: string, names: readonly string[]) => names.map((name) => join(folder, `${name}.c`));
  return {
    engineSources,
    engineFolders,
    headers: [native, shared, firmwareFolder],
    /** Compiled as the engine is, since they include it. */
    defaults: join(shared, "defaults.c"),
    shared: [
      ...files(shared, SHARED),
      ...files(firmwareFolder, FIRMWARE),
      ...files(native, BOTH),
      join(native, "start.S"),
    ],
    board: files(native, BOARD),
    prepare: [...files(native, PREPARE), join(shared, "parser.c")],
    secp256k1,
    secp256k1Unit: join(shared, "secp256k1_unit.c"),
    /** Its own warnings are its own affair. */
    engine: [...code, ...library, ...defines, "-w", ...ARITHMETIC, ...engineHeaders, `-I${shared}`],
    own: [
      ...code,
      ...library,
      ...defines,
      ...secp256k1Elsewhere,
      ...WARNINGS,
      ...engineSystemHeaders,
      `-I${native}`,
      `-I${shared}`,
    ],
    library: [
      ...code,
      ...library,
      "-w",
      ...SECP256K1,
      ...SECP256K1_32,
      "-DUSE_EXTERNAL_DEFAULT_CALLBACKS=1",
      "-DUSE_ECMULT_STATIC_PRECOMPUTATION=1",
      ...secp256k1Headers,
    ],
    link: (script: "board" | "prepare") => [
      // As the compiler's own library names it.
      "-march=rv32imc",
      "-mabi=ilp32",
      "-nostdlib",
      "-nostartfiles",
      "-static",
      "-Wl,--gc-sections",
      "-Wl,--no-relax",
      "-Wl,--no-warn-rwx-segments",
      ...WRAPPED.map((name) => `-Wl,--wrap=${name}`),
      // picolibc's printf for whole numbers.
      "-Wl,--defsym=vfprintf=__i_vfprintf",
      "-T",
      join(native, `${script}.ld`),
      "-L",
      join(PICOLIBC, "lib/release/rv32im/ilp32"),
      "-Wl,--start-group",
      "-lc",
      "-lm",
      "-lgcc",
      "-Wl,--end-group",
    ],
  };
}
