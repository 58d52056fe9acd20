import { utf8Length, writeUtf8 } from "../cbor/utf8.js";
import { hex } from "../cose/kid.js";
import { CONFIGURATION_BYTES, DIGEST_BYTES } from "../frame/layout.js";
import type { Hasher } from "../ports/signer.js";
import type { ChannelConfig } from "../sampler.js";

/** What of a sensor decides which values it gives, and under which names. */
export interface ConfiguredSensor {
  readonly kind: string;
  /** All of the driver's: pins, addresses, ranges, calibration. Values of JSON. */
  readonly options: object;
  readonly channels: readonly Pick<ChannelConfig, "property" | "name" | "unit" | "digits">[];
}

/**
 * The sensor configuration of a board, in hex: the first CONFIGURATION_BYTES bytes of SHA-256 of the canonical JSON (RFC 8785) of
 * `[{"channels": [{"digits", "name", "property", "unit"}, …], "kind", "options"}, …]`, in the order of the sensors. How often
 * they are read, and which readings are left out, is not part of it.
 */
export function sensorConfiguration(sensors: readonly ConfiguredSensor[], hasher: Hasher): string {
  const text = canonical(
    sensors.map(({ kind, options, channels }) => ({
      kind,
      options,
      channels: channels.map(({ property, name, unit, digits }) => ({ property, name, unit, digits })),
    })),
  );
  const bytes = new Uint8Array(utf8Length(text));
  writeUtf8(text, bytes, 0);
  const digest = new Uint8Array(DIGEST_BYTES);
  hasher.sha256(bytes, digest, 0);
  return hex(digest.subarray(0, CONFIGURATION_BYTES));
}

/** JSON in its one form (RFC 8785): no spaces, members sorted by name, as ECMAScript writes texts and numbers. */
function canonical(value: unknown): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  const members: string[] = [];
  for (const [name, member] of Object.entries(value).sort(byName))
    if (member !== undefined) members.push(`${JSON.stringify(name)}:${canonical(member)}`);
  return `{${members.join(",")}}`;
}

function byName([one]: readonly [string, unknown], [other]: readonly [string, unknown]): number {
  return one < other ? -1 : 1;
}
