import { join } from "node:path";

/** The package's folder, as seen from the bundle in dist/. */
export const packageRoot = join(import.meta.dirname, "..");
