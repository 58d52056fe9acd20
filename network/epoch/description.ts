import { CborError } from "../../agent/cbor/error.js";
import { type CborValue, decodeCbor, encodeCbor } from "../../agent/cbor/value.js";
import { CborWriter } from "../../agent/cbor/writer.js";
import { hex, isSameBytes } from "../../agent/cose/kid.js";
import { isNetworkName } from "../../agent/frame/name.js";
import { InputError } from "../../agent/input-error.js";
import type { Hasher } from "../../agent/ports/signer.js";
import { digestOf } from "../bytes.js";

/** No longer description is read or written. */
export const MAX_DESCRIPTION_BYTES = 65_536;
const MAX_WITNESSES = 100;
const KEY_BYTES = 33;
const ADDRESS_BYTES = 20;

/** A party that the network's description names. */
export interface DescribedWitness {
  readonly name: string;
  /** secp256k1, 33 bytes: signs statements. */
  readonly key: Uint8Array;
  readonly url: string;
  /** C2SP's vkeys of its log and of its cosigner (network/log/note-key.ts). */
  readonly log: string;
  readonly cosigner: string;
}

/** What all witnesses of a network go by. It changes only by a settled record. */
export interface Description {
  readonly network: string;
  /** Seconds that an epoch lasts. */
  readonly seconds: number;
  /** Epochs within which a late frame counts: W. */
  readonly window: number;
  /** Milliseconds for the network and for recomputing: D. */
  readonly delay: number;
  /** A witness is known by its place in this list, from 0. */
  readonly witnesses: readonly DescribedWitness[];
  /** Statements that a certificate takes. */
  readonly quorum: number;
  readonly rule: { readonly version: number; readonly name: "none" };
  /** Where there is one: its EIP-155 number, and the contract, 20 bytes. */
  readonly chain: { readonly id: number; readonly contract: Uint8Array } | undefined;
  /** did:key of those who may enrol devices, in rising order; or whoever wants to. */
  readonly owners: readonly string[] | "any";
}

/** Witnesses that may lie: f. */
export const liarsOf = ({ witnesses }: Pick<Description, "witnesses">): number =>
  Math.floor((witnesses.length - 1) / 3);

/** Throws InputError, which names the member, where the rules of a description are broken. */
export function checkDescription(description: Description): void {
  const { network, witnesses, quorum, owners, chain } = description;
  if (!isNetworkName(network)) throw new InputError("network: it is not a network name");
  for (const member of ["seconds", "window", "delay"] as const)
    if (!isCount(description[member])) throw new InputError(`${member}: it is not a whole number above 0`);
  const n = witnesses.length;
  if (n < 1 || n > MAX_WITNESSES) throw new InputError(`witnesses: 1 to ${MAX_WITNESSES}, not ${n}`);
  const f = liarsOf(description);
  if (!Number.isInteger(quorum) || 2 * quorum <= n + f || quorum > n - f)
    throw new InputError(`quorum: above ${(n + f) / 2} and at most ${n - f}, not ${quorum}`);
  for (const [at, { key }] of witnesses.entries())
    if (key.length !== KEY_BYTES) throw new InputError(`witnesses[${at}].key: it has not ${KEY_BYTES} bytes`);
  for (const member of ["name", "url", "log", "cosigner"] as const) {
    for (const [at, witness] of witnesses.entries())
      if (witness[member] === "") throw new InputError(`witnesses[${at}].${member}: it is empty`);
    refuseDoubles(
      member,
      witnesses.map((witness) => witness[member]),
    );
  }
  refuseDoubles(
    "key",
    witnesses.map(({ key }) => hex(key)),
  );
  if (chain !== undefined && (!isCount(chain.id) || chain.contract.length !== ADDRESS_BYTES))
    throw new InputError("chain: it is not a number above 0 and an address of 20 bytes");
  if (owners !== "any" && owners.some((owner, at) => at > 0 && owner <= (owners[at - 1] as string)))
    throw new InputError("owners: they are not in rising order, each once");
}

/**
 * Its one encoding: the CBOR array `[network, seconds, window, delay, [[name, key, url, log,
 * cosigner], ...], quorum, [version, rule], [] / [chain, contract], "any" / [owner, ...]]`. Throws
 * InputError.
 */
export function writeDescription(description: Description): Uint8Array {
  checkDescription(description);
  const { network, seconds, window, delay, witnesses, quorum, rule, chain, owners } = description;
  const writer = new CborWriter(new Uint8Array(MAX_DESCRIPTION_BYTES));
  const value: CborValue[] = [
    network,
    seconds,
    window,
    delay,
    witnesses.map(({ name, key, url, log, cosigner }) => [name, key, url, log, cosigner]),
    quorum,
    [rule.version, rule.name],
    chain === undefined ? [] : [chain.id, chain.contract],
    owners === "any" ? owners : [...owners],
  ];
  try {
    encodeCbor(value, writer);
  } catch (error) {
    if (!(error instanceof CborError)) throw error;
    throw new InputError(`a description: ${error.message}`);
  }
  return writer.buffer.slice(0, writer.offset);
}

/** The reverse of `writeDescription`. Throws InputError for what is none in its one encoding. */
export function readDescription(bytes: Uint8Array): Description {
  const description = read(bytes);
  if (!isSameBytes(writeDescription(description), bytes))
    throw new InputError("a description: it is not in its one encoding");
  return description;
}

/** SHA-256 of its encoding: what records name. */
export const descriptionHash = (description: Description, hasher: Hasher): Uint8Array =>
  digestOf(writeDescription(description), hasher);

function read(bytes: Uint8Array): Description {
  const [network, seconds, window, delay, witnesses, quorum, rule, chain, owners] = items(decoded(bytes), 9);
  const [version, name] = items(rule, 2);
  if (name !== "none" || number(version) !== 1) throw new InputError("rule: it is not known");
  const [id, contract] = items(chain);
  return {
    network: text(network),
    seconds: number(seconds),
    window: number(window),
    delay: number(delay),
    witnesses: items(witnesses).map((value) => {
      const [name, key, url, log, cosigner] = items(value, 5);
      return { name: text(name), key: octets(key), url: text(url), log: text(log), cosigner: text(cosigner) };
    }),
    quorum: number(quorum),
    rule: { version: 1, name },
    chain: id === undefined ? undefined : { id: number(id), contract: octets(contract) },
    owners: owners === "any" ? owners : items(owners).map(text),
  };
}

function decoded(bytes: Uint8Array): CborValue {
  try {
    return decodeCbor(bytes, { depth: 4, bytes: MAX_DESCRIPTION_BYTES });
  } catch (error) {
    if (!(error instanceof CborError)) throw error;
    throw new InputError(`a description: ${error.message}`);
  }
}

function refuseDoubles(member: string, values: readonly string[]): void {
  if (new Set(values).size < values.length) throw new InputError(`witnesses: two have the same ${member}`);
}

const isCount = (value: number): boolean => Number.isSafeInteger(value) && value > 0;

function items(value: CborValue | undefined, length?: number): CborValue[] {
  if (Array.isArray(value) && (length === undefined || value.length === length)) return value;
  throw new InputError("a description: a list is not as long as it should be, or none");
}

function text(value: CborValue | undefined): string {
  if (typeof value === "string") return value;
  throw new InputError("a description: there is no text where one belongs");
}

function number(value: CborValue | undefined): number {
  if (typeof value === "number") return value;
  throw new InputError("a description: there is no number where one belongs");
}

function octets(value: CborValue | undefined): Uint8Array {
  if (value instanceof Uint8Array) return value;
  throw new InputError("a description: there are no bytes where they belong");
}
