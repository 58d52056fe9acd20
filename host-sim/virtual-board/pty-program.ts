import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";
import { digest, findCompiler, missingCompiler } from "../../node/compiler.js";

const SOURCE = "host-sim/virtual-board/native/pty.c";
const FLAGS = ["-std=c11", "-O2", "-Wall", "-Wextra", "-Wshadow", "-Werror"];

/**
 * Compiles the program that has the pty, or finds it compiled: named by the hash of what it is made from, and kept in build/. `root`: the
 * package's folder. Returns its path. Throws an Error that says what to install where there is no compiler.
 */
export function buildPtyProgram(root: string): string {
  const compiler = findCompiler();
  if (compiler === undefined) throw new Error(`a pty needs a C compiler: ${missingCompiler()}, or use --tcp`);
  const source = join(root, SOURCE);
  const name = digest(compiler.version, FLAGS.join(" "), readFileSync(source));
  const folder = join(root, "build", "pty");
  const program = join(folder, `pty.${name}`);
  if (existsSync(program)) return program;
  mkdirSync(folder, { recursive: true });
  const partial = `${program}.${process.pid}`;
  const { status, stderr, error } = spawnSync(compiler.command, [...FLAGS, "-o", partial, source]);
  if (status !== 0)
    throw new Error(
      `${compiler.command} failed for ${SOURCE}: ${error?.message ?? stderr.toString().slice(0, 2000)}`,
    );
  renameSync(partial, program);
  return program;
}
