import { accessSync, constants, existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { digest, filesIn, findCompiler, make } from "./compiler.js";
import { dependencyFolder } from "./dependency-folder.js";

/** Compilers of these know integers of 128 bits, on which the sources are built. */
const ARCHITECTURES: readonly string[] = ["x64", "arm64"];
/** How a module is linked whose functions of Node are found when it is loaded. */
const LINK: Partial<Record<NodeJS.Platform, readonly string[]>> = {
  linux: ["-shared"],
  darwin: ["-bundle", "-undefined", "dynamic_lookup"],
};

/** libsecp256k1's options (its basic-config.h). Its own tables are not used: the smallest. */
const SECP256K1 = [
  "-DECMULT_GEN_PREC_BITS=2",
  "-DECMULT_WINDOW_SIZE=2",
  "-DUSE_ENDOMORPHISM=1",
  "-DUSE_NUM_NONE=1",
  "-DUSE_FIELD_INV_BUILTIN=1",
  "-DUSE_SCALAR_INV_BUILTIN=1",
  "-DHAVE___INT128=1",
  "-DUSE_FIELD_5X52=1",
  "-DUSE_SCALAR_4X64=1",
];

/** With AddressSanitizer and UndefinedBehaviorSanitizer, which leave too few registers for its assembler. */
const SANITIZE = ["-O1", "-g1", "-fsanitize=address,undefined", "-fno-sanitize-recover=undefined"];

interface Plan {
  readonly source: string;
  readonly flags: readonly string[];
  /** The module's file. */
  readonly path: string;
}

/**
 * The compiled checker's file, whether it is there or not: named by what it is made from. Undefined where none can be
 * made. `root`: the package's folder.
 */
export function checkerPath(root: string): string | undefined {
  return planOf(root)?.path;
}

/**
 * Compiles the checker of signatures (native/addon.c), or finds it compiled; returns its file. Undefined where there is
 * no compiler, it fails, or the file cannot be written: npm's binding does as well then, only slower. `flavour`: sanitize
 * for tests.
 */
export async function buildChecker(
  root: string,
  progress: (line: string) => void,
  flavour: "release" | "sanitize" = "release",
): Promise<string | undefined> {
  const plan = planOf(root, flavour);
  if (plan === undefined || existsSync(plan.path)) return plan?.path;
  const compiler = findCompiler();
  if (compiler === undefined || !isWritable(dirname(plan.path))) return undefined;
  try {
    progress("compiling the checker of signatures, once");
    await make(compiler.command, [plan.source], plan.flags, plan.path);
  } catch (error) {
    const [reason] = (error as Error).message.split("\n");
    progress(`signatures are checked by npm secp256k1: ${reason}`);
    return undefined;
  }
  return plan.path;
}

/** Whether a folder is there, or could be made, and takes files: where another user installed Fieldmark it does not. */
function isWritable(folder: string): boolean {
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

function planOf(root: string, flavour: "release" | "sanitize" = "release"): Plan | undefined {
  const { arch, platform } = process;
  const link = LINK[platform];
  const carrier = dependencyFolder(root, "secp256k1");
  const native = join(root, "node/native");
  if (link === undefined || !ARCHITECTURES.includes(arch) || carrier === undefined || !existsSync(native))
    return undefined;
  const library = join(carrier, "src/secp256k1");
  const assembler = arch === "x64" ? ["-DUSE_ASM_X86_64=1"] : [];
  const flags = [
    ...(flavour === "sanitize" ? SANITIZE : ["-O2", ...assembler]),
    ...["-std=gnu11", "-Wall", "-Wextra", "-Wshadow", "-fPIC", "-fvisibility=hidden"],
    ...SECP256K1,
    ...["-isystem", library, "-isystem", join(library, "src")],
    ...link,
  ];
  const sources = [...filesIn(native, ".c"), ...filesIn(native, ".h"), join(carrier, "package.json")];
  const name = digest(platform, arch, ...flags, ...sources.map((file) => readFileSync(file)));
  return { source: join(native, "addon.c"), flags, path: join(root, "build/checker", `${name}.node`) };
}
