import { CborReader } from "../../agent/cbor/reader.js";
import { CborWriter } from "../../agent/cbor/writer.js";
import { SIG_STRUCTURE_PREFIX, SIGNATURE_BYTES } from "../../agent/frame/layout.js";
import type { Signer } from "../../agent/ports/signer.js";
import { below, mutated, type Prng, pick } from "../agent/frame/mutate.js";
import { HOSTILE_TEXTS } from "../support/hostile-text.js";

/** Where numbers, dates and sizes end, and a little beyond. */
const NUMBERS: readonly number[] = [
  ...[0, -0, 1, -1, 0.1, 255, 256, 65_535, 2 ** 31 - 1, 2 ** 31, 2 ** 32, 2 ** 53 - 1, 2 ** 53, -(2 ** 53)],
  ...[1_795_000_000, 1_795_000_000_000, 253_402_300_799, 253_402_300_800, 8.64e12, 8.64e15, 8.64e15 + 1],
  ...[1e21, 1e308, -1e308, 5e-324, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY],
];

export const hostileNumber = (random: Prng): number => pick(random, NUMBERS);

/** One of the texts that are made to harm, some of them together, or rubbish. */
export function hostileText(random: Prng): string {
  const [one, other] = [pick(random, HOSTILE_TEXTS), pick(random, HOSTILE_TEXTS)];
  switch (below(random, 4)) {
    case 0:
      return one.slice(0, 40) + other.slice(0, 40);
    case 1:
      return `temperature${one}`;
    case 2:
      return String.fromCharCode(...Array.from({ length: below(random, 20) }, () => below(random, 0x10000)));
    default:
      return one;
  }
}

const MEMBERS = [
  "type",
  "state",
  "owner",
  "name",
  "reason",
  "toString",
  "__proto__",
  "constructor",
  "toJSON",
];

/** Any value that JSON has. */
export function hostileJson(random: Prng, depth = 3): unknown {
  switch (below(random, depth > 0 ? 7 : 5)) {
    case 0:
      return pick(random, [null, true, false]);
    case 1: {
      const number = hostileNumber(random);
      return Number.isFinite(number) ? number : null;
    }
    case 5:
      return Array.from({ length: below(random, 4) }, () => hostileJson(random, depth - 1));
    case 6:
      return JSON.parse(
        `{${Array.from({ length: below(random, 4) }, () => {
          const name = random() < 0.5 ? pick(random, MEMBERS) : hostileText(random).slice(0, 40);
          return `${JSON.stringify(name)}:${JSON.stringify(hostileJson(random, depth - 1))}`;
        }).join()}}`,
      );
    default:
      return hostileText(random);
  }
}

/**
 * `value` with one part of it, at any depth, replaced by something hostile, left out, or doubled.
 */
export function spoilt(random: Prng, value: unknown): unknown {
  if (typeof value !== "object" || value === null || value instanceof Uint8Array || random() < 0.15)
    return typeof value === "string" && random() < 0.7
      ? mutatedText(random, [value])
      : typeof value === "number" && random() < 0.7
        ? hostileNumber(random)
        : hostileJson(random);
  if (Array.isArray(value)) {
    if (value.length === 0 || random() < 0.1) return [...value, hostileJson(random)];
    const at = below(random, value.length);
    return value.map((member, i) => (i === at ? spoilt(random, member) : member));
  }
  const entries = Object.entries(value);
  if (entries.length === 0 || random() < 0.1)
    return { ...value, [pick(random, MEMBERS)]: hostileJson(random) };
  const at = below(random, entries.length);
  if (random() < 0.1) return Object.fromEntries(entries.filter((_, i) => i !== at));
  return Object.fromEntries(
    entries.map(([name, member], i) => [name, i === at ? spoilt(random, member) : member]),
  );
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * A text of `corpus` with bytes of it changed, or a hostile piece put in. What is no UTF-8 then is
 * U+FFFD.
 */
export function mutatedText(random: Prng, corpus: readonly string[]): string {
  const text = pick(random, corpus);
  if (random() < 0.4) {
    const at = below(random, text.length + 1);
    return text.slice(0, at) + hostileText(random) + text.slice(random() < 0.5 ? at : at + below(random, 20));
  }
  const bytes = corpus.map((one) => encoder.encode(one));
  return decoder.decode(mutated(random, encoder.encode(text), bytes));
}

/**
 * A COSE_Sign1 with a good signature of `signer` over what stands in it, where it still has the
 * form of one; else as it is. `aad`: what is signed besides (agent/cose/sign1.ts); empty for
 * frames.
 */
export function signedAgain(document: Uint8Array, signer: Signer, aad = new Uint8Array(0)): Uint8Array {
  let header: Uint8Array;
  let payload: Uint8Array;
  try {
    const reader = new CborReader(document);
    reader.tag();
    reader.array();
    header = reader.bytes();
    reader.map();
    payload = reader.bytes();
    if (reader.bytes().length !== SIGNATURE_BYTES || reader.offset !== document.length) return document;
  } catch {
    return document;
  }
  const start = SIG_STRUCTURE_PREFIX.length;
  const room = start + 32 + header.length + aad.length + payload.length;
  const writer = new CborWriter(new Uint8Array(room), start);
  writer.buffer.set(SIG_STRUCTURE_PREFIX);
  writer.bytes(header);
  writer.bytes(aad);
  writer.bytes(payload);
  const digest = new Uint8Array(32);
  signer.sha256(writer.buffer.subarray(0, writer.offset), digest, 0);
  const signed = document.slice();
  signer.sign(digest, signed, document.length - SIGNATURE_BYTES);
  return signed;
}
