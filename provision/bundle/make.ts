import { sha256 } from "@noble/hashes/sha2.js";
import { zipSync } from "fflate";
import { hex } from "../../agent/cose/kid.js";
import { InputError } from "../../agent/input-error.js";
import type { Signer } from "../../agent/ports/signer.js";
import { issueText } from "../../text/zod-issue.js";
import { MANIFEST, Manifest, SIGNATURE } from "./manifest.js";
import { signManifest } from "./signature.js";

export interface BuildFiles {
  /** `ESP32-C3`. */
  readonly chipFamily: string;
  readonly parts: readonly { readonly path: string; readonly offset: number; readonly data: Uint8Array }[];
}

/** A bundle's files, by their paths. Throws InputError where they make no manifest, as with a path twice. */
export function makeBundle(
  { name, version }: { name: string; version: string },
  builds: readonly BuildFiles[],
  signer: Signer,
): Map<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  const parts: Manifest["fieldmark"]["parts"] = {};
  for (const { path, data } of builds.flatMap((build) => build.parts)) {
    if (files.has(path)) throw new InputError(`${path}: the same path twice`);
    files.set(path, data);
    parts[path] = { bytes: data.length, sha256: hex(sha256(data)) };
  }
  const manifest = Manifest.safeParse({
    name,
    version,
    builds: builds.map(({ chipFamily, parts: own }) => ({
      chipFamily,
      parts: own.map(({ path, offset }) => ({ path, offset })),
    })),
    fieldmark: { bundle: 1, parts },
  });
  if (!manifest.success) throw new InputError(issueText(manifest.error));
  // ESP Web Tools (install-dialog.ts, util/manifest.ts) erases the whole chip, and with it the key, before a new installation. Its older versions leave that
  // for new_install_skip_erase; its newer ones turn that into a question whose box is empty, over what new_install_prompt_erase says, by which alone they
  // would erase without a word. An update of firmware that Improv says has this manifest's name neither erases nor asks.
  const json = { ...manifest.data, new_install_prompt_erase: false, new_install_skip_erase: true };
  const bytes = new TextEncoder().encode(`${JSON.stringify(json, null, 2)}\n`);
  files.set(MANIFEST, bytes);
  files.set(SIGNATURE, signManifest(bytes, signer));
  return files;
}

/** The same files make the same zip: its dates are all 1980, the first that zip knows. */
export function zipBundle(files: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const mtime = new Date(1980, 0, 1);
  return zipSync(Object.fromEntries([...files].map(([path, data]) => [path, [data, { mtime }]])));
}
