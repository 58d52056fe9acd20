import { z } from "zod";
import { quoted, visibleLine } from "../../text/visible.js";

/** Milliseconds that a witness gets to answer. */
const PATIENCE = 30_000;

const Taken = z.object({
  outcome: z.enum(["entered", "known", "waits"]),
  device: z.string().regex(/^[0-9a-f]{16}$/),
  statement: z.string().regex(/^[0-9a-f]{64}$/),
});
const Refused = z.object({ detail: z.string() });

/** What a witness did with a statement: docs/witness-http.md says what the words mean. */
export type Taken = z.infer<typeof Taken>;

/**
 * Sends an owner's statement to a witness at `base`, its HTTP without a slash at the end. Rejects
 * with Error, in words for people, where it does not answer or does not take it.
 */
export async function sendStatement(base: string, document: Uint8Array): Promise<Taken> {
  const response = await fetch(`${base}/v1/enrolments`, {
    method: "POST",
    headers: { "content-type": "application/cose" },
    body: Uint8Array.from(document),
    redirect: "error",
    signal: AbortSignal.timeout(PATIENCE),
  }).catch((error: Error) => {
    const cause = error.cause instanceof Error ? error.cause.message : error.message;
    throw new Error(`${base} does not answer (${visibleLine(cause)}): is the witness running?`);
  });
  const said: unknown = await response.json().catch(() => undefined);
  if (!response.ok) {
    const { data } = Refused.safeParse(said);
    throw new Error(data === undefined ? `${base} answers ${response.status}` : visibleLine(data.detail));
  }
  const { data } = Taken.safeParse(said);
  if (data === undefined) throw new Error(`${quoted(base)} answers as no witness does`);
  return data;
}
