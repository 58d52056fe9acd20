import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import {
  compileMissing,
  digest,
  findCompiler,
  headerDigest,
  make,
  missingCompiler,
  type Unit,
  unitsIn,
} from "../../../node/compiler.js";
import { withLock } from "../../../node/lock.js";
import { engineFiles } from "../xs/engine-flags.js";
import { flagsFor, TOOLS } from "./flags.js";
import { missingTools } from "./qemu.js";
import { assembleRoot, type RootSize, runPrepare, SHIFT } from "./root-image.js";

export interface BoardSize {
  /** All RAM, in bytes. */
  readonly ramBytes: number;
  /** Of it, the C stack. */
  readonly stackBytes: number;
}

export interface Rv32BuildOptions {
  /** The package's folder. */
  readonly root: string;
  /** The script that is in the board's flash. */
  readonly bundle: string;
  readonly size: BoardSize;
  readonly progress: (line: string) => void;
}

const GCC = `${TOOLS}gcc`;
/** More than any script needs. */
const ROOMY: RootSize = { slots: 24_000, chunkBytes: 400_000, keys: 4096 };

/**
 * The image of a board on an emulated chip: engine, agent and signer, and the root machine that a script makes, as flash. Everything is
 * named by the hash of what it is made from, and kept in build/. Returns the image's path. Throws an Error that says what to install.
 */
export async function buildRv32(options: Rv32BuildOptions): Promise<string> {
  const missing = missingTools();
  if (missing !== undefined) throw new Error(`boards on an emulated chip: ${missing}`);
  const folder = join(options.root, "build", "rv32");
  mkdirSync(folder, { recursive: true });
  // Test files want images at the same time: the first compiles for all.
  return withLock(join(folder, "build"), () => build(folder, options));
}

async function build(folder: string, { root, bundle, size, progress }: Rv32BuildOptions): Promise<string> {
  const flags = flagsFor(root);
  const objects = await compile(root, folder, progress);
  const script = readFileSync(bundle);
  const prepared = await prepare(root, folder, objects, script);
  const symbols = ["RAM_BYTES", "STACK_BYTES"].map(
    (name, at) => `-Wl,--defsym=${name}=${[size.ramBytes, size.stackBytes][at]}`,
  );
  const link = [...symbols, ...flags.link("board")];
  const inputs = [...objects.shared, ...objects.board, prepared];
  const ld = readFileSync(join(root, "host-sim/engines/rv32/native/board.ld"));
  const image = join(folder, `board.${digest(...inputs, ...link, ld)}.elf`);
  if (!existsSync(image)) await make(GCC, inputs, [...link, `-Wl,-Map=${mapOf(image)}`], image);
  return image;
}

/** The first line that the cross compiler says of itself. */
export function compilerVersion(): string {
  return spawnSync(GCC, ["--version"]).stdout.toString().split("\n")[0] ?? "";
}

/** What the linker says of an image that was built: its parts, where they lie, and from which file each is. */
export function mapOf(image: string): string {
  return `${image}.map`;
}

interface Objects {
  readonly shared: readonly string[];
  readonly board: readonly string[];
  readonly prepare: readonly string[];
}

async function compile(root: string, folder: string, progress: (line: string) => void): Promise<Objects> {
  const flags = flagsFor(root);
  const engineHeaders = headerDigest(
    flags.engineFolders,
    readFileSync(join(root, "host-sim/engines/xs/native/platform.h")),
  );
  const ownHeaders = headerDigest(flags.headers, engineHeaders);
  const table = await signingTable(flags.secp256k1, folder);
  const unit = unitsIn(folder, compilerVersion());
  const engine = engineFiles(flags.engineSources).map((file) => unit(file, flags.engine, engineHeaders));
  const own = (file: string) => unit(file, file === flags.defaults ? flags.engine : flags.own, ownHeaders);
  const library = unit(flags.secp256k1Unit, [...flags.library, `-I${table}`], "");
  const shared = [...engine, ...flags.shared.map(own), library];
  const [board, forPrepare] = [flags.board.map(own), flags.prepare.map(own)];
  await compileMissing(GCC, [...shared, ...board, ...forPrepare], "the XS engine for RV32IMC", progress);
  const names = (units: readonly Unit[]) => units.map(({ object }) => object);
  return { shared: names(shared), board: names(board), prepare: names(forPrepare) };
}

/** Runs libsecp256k1's own generator of the table that it signs with, on this machine; returns the folder that has it. */
async function signingTable(secp256k1: string, folder: string): Promise<string> {
  const found = findCompiler();
  if (found === undefined)
    throw new Error(
      `boards on an emulated chip need a C compiler of this machine as well: ${missingCompiler()}`,
    );
  const source = join(secp256k1, "src/gen_context.c");
  const made = join(folder, `table.${digest(readFileSync(source))}`);
  if (existsSync(made)) return made;
  const partial = `${made}.${process.pid}`;
  mkdirSync(join(partial, "src"), { recursive: true });
  const generator = join(partial, "gen_context");
  await make(
    found.command,
    [source],
    ["-w", "-DECMULT_GEN_PREC_BITS=4", `-I${secp256k1}`, `-I${join(secp256k1, "src")}`],
    generator,
  );
  const { status, stderr } = spawnSync(generator, [], { cwd: partial });
  if (status !== 0) throw new Error(`libsecp256k1's gen_context: ${stderr}`);
  renameSync(join(partial, "src/ecmult_static_context.h"), join(partial, "ecmult_static_context.h"));
  try {
    renameSync(partial, made);
  } catch (error) {
    // Another process was first.
    rmSync(partial, { recursive: true, force: true });
    if (!existsSync(made)) throw error;
  }
  return made;
}

/** The root machine that `script` makes, as an object to link. */
async function prepare(root: string, folder: string, objects: Objects, script: Buffer): Promise<string> {
  const flags = flagsFor(root);
  const inputs = [...objects.shared, ...objects.prepare];
  const link = flags.link("prepare");
  const ld = readFileSync(join(root, "host-sim/engines/rv32/native/prepare.ld"));
  const made = join(folder, `root.${digest(...inputs, ...link, ld, script)}.o`);
  if (existsSync(made)) return made;
  const images: string[] = [];
  for (const shift of [0, SHIFT]) {
    const image = join(folder, `prepare-${shift}.${digest(...inputs, ...link, ld)}.elf`);
    if (!existsSync(image)) await make(GCC, inputs, [`-Wl,--defsym=SHIFT=${shift}`, ...link], image);
    images.push(image);
  }
  const [first, second] = images as [string, string];
  const size = tighten(first, script);
  const text = assembleRoot(runPrepare(first, script, size), runPrepare(second, script, size), first);
  const source = `${made}.${process.pid}.S`;
  writeFileSync(source, text);
  await make(GCC, [source], [...flags.own, "-c"], made);
  rmSync(source);
  return made;
}

/** By how much more slots a script takes while it runs than its root machine keeps: the first that will do. */
const EXCESS = [1.02, 1.06, 1.1, 1.14, 1.18, 1.22, 1.3, 1.4, 1.6, 2];

/** Slots in which the script's root machine can be made, and of which few are left over: they are all in the image. */
function tighten(image: string, script: Buffer): RootSize {
  const { slots, keys } = runPrepare(image, script, ROOMY);
  const isEnough = (size: RootSize) => {
    try {
      runPrepare(image, script, size);
      return true;
    } catch {
      return false;
    }
  };
  const sizes = EXCESS.map((excess) => ({ ...ROOMY, slots: Math.ceil(slots * excess), keys: keys + 1 }));
  return sizes.find(isEnough) ?? ROOMY;
}
