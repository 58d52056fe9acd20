import { randomFillSync } from "node:crypto";
import type { Random } from "../../agent/ports/random.js";

/** The operating system's generator, by way of OpenSSL. */
export const random: Random = {
  fill(into) {
    randomFillSync(into);
  },
};
