import type { z } from "zod";
import { visible } from "./visible.js";

/**
 * The first thing that is wrong, and where: `devices.0.did: …`. What it repeats is made fit to be
 * shown.
 */
export function issueText({ issues: [issue] }: z.ZodError): string {
  const where = issue?.path.map(String).join(".") || "the whole";
  return `${visible(where)}: ${visible(issue?.message ?? "")}`;
}
