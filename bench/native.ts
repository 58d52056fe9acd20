import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

export type NativeMode = "sign" | "verify-parsed" | "verify-compressed";

export type NativeBench =
  | { measure(mode: NativeMode, milliseconds: number): number }
  | { readonly missing: string };

/**
 * Compiles native/verify.c against the system's libsecp256k1, into build/ of the repository. Where that cannot
 * be done `missing` says what to install.
 */
export function buildNative(root: URL): NativeBench {
  const source = fileURLToPath(new URL("bench/native/verify.c", root));
  const program = fileURLToPath(new URL("build/bench-verify", root));
  try {
    mkdirSync(new URL("build/", root), { recursive: true });
    execFileSync("cc", ["-O2", "-o", program, source, "-lsecp256k1"], { stdio: "pipe" });
  } catch {
    return { missing: "needs a C compiler and libsecp256k1: apt install gcc libc6-dev libsecp256k1-dev" };
  }
  return {
    measure: (mode, milliseconds) => Number(execFileSync(program, [mode, String(milliseconds)])),
  };
}
