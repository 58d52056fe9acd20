import { spawnSync } from "node:child_process";

export interface Compiler {
  readonly command: string;
  /** What it says of itself. */
  readonly version: Buffer;
}

/** Why there is none, and how people get one. */
export function missingCompiler(): string {
  const install = "install one (Debian: apt-get install gcc libc6-dev; macOS: xcode-select --install)";
  const { CC } = process.env;
  return CC ? `CC is "${CC}", which does not run; unset it, or ${install}` : install;
}

/** The C compiler of this machine: what CC names, or cc. Undefined where there is none. */
export function findCompiler(): Compiler | undefined {
  const command = process.env.CC || "cc";
  const { status, stdout } = spawnSync(command, ["--version"]);
  return status === 0 ? { command, version: stdout } : undefined;
}
