import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { SignatureChecker } from "../agent/ports/signer.js";
import { checkerPath } from "./checker-build.js";

export type Verify = SignatureChecker["verify"];

/** This file is in node/, its bundle in dist/. Jest runs it as CommonJS, where there is no import.meta. */
const here = typeof __filename === "string" ? __filename : fileURLToPath(import.meta.url);
const root = join(dirname(here), "..");

/**
 * The checker in C that native/ has, where it was compiled on this machine (checker-build.ts); undefined where not, or
 * where it cannot be loaded. Takes anything, and is false for what is no signature.
 */
export function loadChecker(path = checkerPath(root)): Verify | undefined {
  if (path === undefined) return undefined;
  const module: { exports: unknown } = { exports: {} };
  try {
    process.dlopen(module, path);
  } catch {
    return undefined; // not compiled, or by another system's compiler
  }
  return module.exports as Verify;
}
