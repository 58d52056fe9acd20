import { createHash } from "node:crypto";
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Copies what was built into `folder`, which is made anew, with a manifest.json that says of each part its length and its
 * SHA-256. `files`: paths by the names that they get. Returns the parts.
 */
export function collect({ board, folder, files }) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const parts = Object.entries(files).map(([path, from]) => {
    copyFileSync(from, join(folder, path));
    const content = readFileSync(from);
    return { path, bytes: content.length, sha256: createHash("sha256").update(content).digest("hex") };
  });
  writeFileSync(
    join(folder, "manifest.json"),
    `${JSON.stringify({ name: "fieldmark", board, parts }, null, 2)}\n`,
  );
  return parts;
}
