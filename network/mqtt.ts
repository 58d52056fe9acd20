import { ReasonCodes } from "mqtt";

/** Characters of what a broker says in its own words, at most. */
const MAX_WORDS = 100;

/** An MQTT reason code in words, and what the broker added (MQTT 5 §3.1.2.11.7), as far as it can be printed. */
export function reasonText(code: number, added = ""): string {
  const name = (ReasonCodes as Readonly<Record<number, string>>)[code] || `reason 0x${code.toString(16)}`;
  const words = added.replace(/[^\x20-\x7e]/g, "?").slice(0, MAX_WORDS);
  const text = name.startsWith("QoS") ? name : name.charAt(0).toLowerCase() + name.slice(1);
  return words === "" ? text : `${text} (${words})`;
}

/** Why a connection failed, in words. Where a name has several addresses Node gives an error that says nothing. */
export function reasonOf(error: Error): string {
  const { errors } = error as AggregateError;
  return error.message || (errors?.[0] as Error | undefined)?.message || error.name;
}
