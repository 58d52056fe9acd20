import { existsSync } from "node:fs";
import { z } from "zod";
import { InputError } from "../../agent/input-error.js";
import type { Guard } from "../../network/ports/guard.js";
import { parseJson } from "../../text/json-text.js";
import { replaceFile } from "../files.js";
import { readTextFile } from "../text-file.js";

const Hash = z.string().regex(/^[0-9a-f]{64}$/);
const State = z.strictObject({
  inventory: z.int().nonnegative(),
  said: z
    .strictObject({
      slot: z.int().positive(),
      vote: Hash.optional(),
      final: Hash.optional(),
      isVoid: z.boolean(),
    })
    .optional(),
});

/**
 * The guard as a file of JSON. One that cannot be read is not the same as none: that throws
 * InputError.
 */
export function guardFile(path: string): Guard {
  return {
    read() {
      if (!existsSync(path)) return undefined;
      let json: unknown;
      try {
        json = parseJson(readTextFile(path));
      } catch {}
      const parsed = State.safeParse(json);
      if (parsed.success) return parsed.data;
      throw new InputError(
        `${path} is damaged. Without it the witness does not know what it signed: remove it, and it signs nothing for epochs that it may have signed`,
      );
    },
    write: (state) => replaceFile(path, `${JSON.stringify(state)}\n`),
  };
}
