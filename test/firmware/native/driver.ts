import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";

const ROOT = join(__dirname, "../../..");
const NATIVE = join(ROOT, "firmware/native");
const SECP256K1 = join(ROOT, "node_modules/secp256k1/src/secp256k1");
const CORE = ["signer.c", "sha256.c", "health.c", "entropy.c", "keeper.c", "key-linux.c"];
const WARNINGS = ["-std=gnu17", "-Wall", "-Wextra", "-Wshadow", "-Werror"];

/** How the core is compiled: as boards do, and so that a byte out of place ends the program. */
export const FLAVOURS = {
  release: ["-Os"],
  sanitize: ["-O1", "-g", "-fsanitize=address,undefined", "-fno-sanitize-recover=undefined"],
} as const;
export type Flavour = keyof typeof FLAVOURS;

/** For `beforeAll`. */
export const COMPILE_TIMEOUT = 300_000;

/** Runs the system's C compiler. Throws what it said where it fails, or where there is none. */
export function compile(args: readonly string[]): void {
  const { status, stderr, error } = spawnSync(process.env.CC ?? "cc", args, { encoding: "utf8" });
  if (status !== 0) throw new Error(`the C compiler failed: ${error?.message ?? stderr}`);
}

/** Compiles driver.c and the core, or finds them compiled in build/; returns the program's path. */
export function buildDriver(flavour: Flavour): string {
  const flags = FLAVOURS[flavour];
  const sources = [join(__dirname, "driver.c"), ...CORE.map((name) => join(NATIVE, name))];
  const hash = createHash("sha256").update(flags.join(" "));
  for (const file of [...sources, ...files(NATIVE)]) hash.update(readFileSync(file)).update("\0");
  const folder = join(ROOT, "build", "test-native");
  const program = join(folder, `driver-${flavour}.${hash.digest("hex").slice(0, 20)}`);
  if (existsSync(program)) return program;
  mkdirSync(folder, { recursive: true });
  // Names of its own: another worker may build the same.
  const partial = `${program}.${process.pid}`;
  compile([
    ...["-c", join(NATIVE, "secp256k1-unit.c"), "-o", `${partial}.o`, "-w"],
    ...[`-I${SECP256K1}`, ...flags],
  ]);
  compile([...WARNINGS, ...flags, `-I${NATIVE}`, "-o", partial, ...sources, `${partial}.o`]);
  renameSync(partial, program);
  return program;
}

function files(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => /\.[ch]$/.test(name))
    .map((name) => join(folder, name));
}

/** Gives the driver its commands, one a line, and returns its answers. Throws where it ends otherwise than well. */
export async function ask(
  program: string,
  commands: readonly string[],
  home = "/nowhere",
): Promise<string[]> {
  const child = spawn(program, { env: { HOME: home } });
  let output = "";
  let errors = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    errors += text;
  });
  child.stdin.end(commands.map((line) => `${line}\n`).join(""));
  const code = await new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  if (code !== 0) throw new Error(`the driver ended with ${code}: ${errors.slice(0, 4000)}`);
  return output.split("\n").slice(0, -1);
}
