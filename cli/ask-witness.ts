import { InvalidArgumentError } from "commander";
import { visibleLine } from "../text/visible.js";

/** Milliseconds that a witness gets to answer. */
const PATIENCE = 30_000;

/** Where a witness of this machine has its HTTP. */
export const LOCAL_WITNESS = "http://127.0.0.1:8788";

/** An option's value: the address of a witness's HTTP, without a slash at the end. */
export function witnessAddress(text: string): string {
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol))
    throw new InvalidArgumentError(`It looks like ${LOCAL_WITNESS}.`);
  return text.replace(/\/+$/, "");
}

/**
 * What a witness answers, as JSON; undefined for what is none, or has more than `most` characters.
 * Throws Error, for people, where it does not answer or refuses.
 */
export async function askWitness(base: string, path: string, most: number): Promise<unknown> {
  const request = { signal: AbortSignal.timeout(PATIENCE), redirect: "error" } as const;
  const answer = await fetch(`${base}${path}`, request).catch((error: Error) => {
    const cause = error.cause instanceof Error ? error.cause.message : error.message;
    throw new Error(`${base} does not answer (${visibleLine(cause)}): is the witness running?`);
  });
  const text = await answer.text();
  let json: unknown;
  try {
    json = text.length > most ? undefined : JSON.parse(text);
  } catch {}
  if (answer.ok) return json;
  const { detail } = (json ?? {}) as { readonly detail?: unknown };
  throw new Error(typeof detail === "string" ? visibleLine(detail) : `${base} answers ${answer.status}`);
}
