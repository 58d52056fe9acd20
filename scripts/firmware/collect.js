import { createHash } from "node:crypto";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * Writes what was built into `folder`, which is emptied first, with a manifest.json that says of
 * each part its length and its SHA-256, unless there is one already. `files`: contents by name.
 * Returns the parts.
 */
export function collect({ board, folder, files }) {
  const parts = Object.entries(files).map(([path, content]) => ({
    path,
    bytes: content.length,
    sha256: createHash("sha256").update(content).digest("hex"),
  }));
  const manifest = `${JSON.stringify({ name: "fieldmark", board, parts }, null, 2)}\n`;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const [path, content] of Object.entries({ "manifest.json": manifest, ...files }))
    writeFileSync(join(folder, path), content, { mode: path === "loader" ? 0o755 : 0o644 });
  return parts;
}
