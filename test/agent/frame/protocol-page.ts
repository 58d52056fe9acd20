import { readFileSync } from "node:fs";
import { join } from "node:path";

/** docs/protocol.md, which these tests hold to the code. Tests run in the repository's root. */
export const PROTOCOL = readFileSync(join(process.cwd(), "docs", "protocol.md"), "utf8");
