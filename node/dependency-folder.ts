import { existsSync } from "node:fs";
import { dirname, join } from "node:path";

/** Where npm has put a package that `root` needs: beside it, or beside what `root` was installed for. */
export function dependencyFolder(root: string, name: string): string | undefined {
  for (let folder = root; ; folder = dirname(folder)) {
    const found = join(folder, "node_modules", name);
    if (existsSync(found)) return found;
    if (folder === dirname(folder)) return undefined;
  }
}
