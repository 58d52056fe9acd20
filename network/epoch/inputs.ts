import { CborError } from "../../agent/cbor/error.js";
import { type CborValue, compareBytes, decodeCbor, encodeCbor } from "../../agent/cbor/value.js";
import { CborWriter } from "../../agent/cbor/writer.js";
import { isSameBytes } from "../../agent/cose/kid.js";
import { DIGEST_BYTES, MAX_FRAME_BYTES } from "../../agent/frame/layout.js";
import { InputError } from "../../agent/input-error.js";
import type { Hasher } from "../../agent/ports/signer.js";
import { digestOf } from "../bytes.js";
import { MAX_STATEMENT_BYTES } from "../enrolment/statement.js";
import { type InventoryBody, readBody, writeBody } from "../inventory/body.js";
import { STATEMENT_SIGNATURE_BYTES, type StatementChecker } from "../ports/statement-keys.js";
import { inventoryDigest } from "../statement/statements.js";
import type { Description } from "./description.js";

/** No longer inputs are read or written. */
export const MAX_INPUT_BYTES = 16 << 20;
/** Beside the bytes of its parts, what an item of a list takes at most. */
const ITEM_BYTES = 64;

/** An inventory as a witness signed it. */
export interface NamedInventory {
  /** The witness's place in the description. */
  readonly witness: number;
  readonly epoch: number;
  readonly body: InventoryBody;
  /** r‖s‖v, 65 bytes. */
  readonly signature: Uint8Array;
}

/** Two authentic frames of one device and one place. */
export type FramePair = readonly [Uint8Array, Uint8Array];

/** What a leader names for a record. */
export interface Inputs {
  readonly inventories: readonly NamedInventory[];
  /** Owners' statements: documents. */
  readonly statements: readonly Uint8Array[];
  readonly evidence: readonly FramePair[];
  /** A finalized block of the network's chain. `hash`: 32 bytes. */
  readonly block?: { readonly number: number; readonly hash: Uint8Array } | undefined;
}

/**
 * Their one encoding: the CBOR array `[[[witness, epoch, body, signature], ...], [statement, ...],
 * [[frame, frame], ...], [] / [number, hash]]`. Inventories rise by witness, statements and pairs by
 * their bytes, and so do the two frames of a pair; none is there twice. What comes in another order
 * is put in this one. Throws InputError where something is there twice, or they are too long.
 */
export function writeInputs(inputs: Inputs): Uint8Array {
  const { inventories, statements, evidence, block } = sorted(inputs);
  const value: CborValue[] = [
    inventories.map(({ witness, epoch, body, signature }) => [witness, epoch, writeBody(body), signature]),
    [...statements],
    evidence.map((pair) => [...pair]),
    block === undefined ? [] : [block.number, block.hash],
  ];
  const writer = new CborWriter(new Uint8Array(roomFor(inputs)));
  encodeCbor(value, writer);
  return writer.buffer.slice(0, writer.offset);
}

/** The reverse. Throws InputError for what are no inputs in their one encoding. */
export function readInputs(bytes: Uint8Array): Inputs {
  const inputs = read(bytes);
  if (!isSameBytes(writeInputs(inputs), bytes)) throw malformed("not in their one encoding");
  return inputs;
}

/** SHA-256 of their encoding: what a record names. */
export const inputsHash = (inputs: Inputs, hasher: Hasher): Uint8Array =>
  digestOf(writeInputs(inputs), hasher);

/**
 * Throws InputError unless there are at least q inventories, all of this epoch, each by another
 * witness of the description, signed by it, and over the epoch's window.
 */
export function checkInventories(
  inventories: readonly NamedInventory[],
  {
    description,
    epoch,
    domain,
    statements,
    hasher,
  }: {
    readonly description: Description;
    readonly epoch: number;
    /** The separator. */
    readonly domain: Uint8Array;
    readonly statements: StatementChecker;
    readonly hasher: Hasher;
  },
): void {
  const { network, witnesses, quorum, seconds, window } = description;
  const until = (epoch + 1) * seconds;
  const from = Math.max(0, until - window * seconds);
  const seen = new Set<number>();
  for (const { witness, epoch: named, body, signature } of inventories) {
    const by = witnesses[witness];
    if (by === undefined || seen.has(witness))
      throw malformed(`witness ${witness} is there twice, or in no description`);
    seen.add(witness);
    if (named !== epoch) throw malformed(`witness ${witness}: its inventory is of epoch ${named}`);
    if (body.from !== from || body.until !== until)
      throw malformed(`witness ${witness}: its inventory is not of the epoch's window`);
    const digest = inventoryDigest(domain, { network, epoch, body: digestOf(writeBody(body), hasher) });
    if (!isSameBytes(statements.recover(signature, digest), by.key))
      throw malformed(`witness ${witness}: it did not sign this inventory`);
  }
  if (seen.size < quorum) throw malformed(`${seen.size} inventories, and a record takes ${quorum}`);
}

function sorted({ inventories, statements, evidence, block }: Inputs): Inputs {
  const pairs = evidence.map((pair) => [...pair].sort(compareBytes) as unknown as FramePair);
  const sorted = {
    inventories: [...inventories].sort((a, b) => a.witness - b.witness),
    statements: [...statements].sort(compareBytes),
    evidence: pairs.sort((a, b) => compareBytes(a[0], b[0]) || compareBytes(a[1], b[1])),
    block,
  };
  refuseDoubles(sorted.inventories, (a, b) => a.witness === b.witness);
  refuseDoubles(sorted.statements, isSameBytes);
  refuseDoubles(sorted.evidence, (a, b) => isSameBytes(a[0], b[0]) && isSameBytes(a[1], b[1]));
  return sorted;
}

function refuseDoubles<T>(items: readonly T[], isSame: (a: T, b: T) => boolean): void {
  for (let at = 1; at < items.length; at++)
    if (isSame(items[at - 1] as T, items[at] as T)) throw malformed("the same is there twice");
}

function roomFor({ inventories, statements, evidence }: Inputs): number {
  let bytes = ITEM_BYTES + 4 * ITEM_BYTES * inventories.length;
  for (const statement of statements) bytes += ITEM_BYTES + statement.length;
  for (const [one, other] of evidence) bytes += ITEM_BYTES + one.length + other.length;
  if (bytes > MAX_INPUT_BYTES) throw malformed(`more than ${MAX_INPUT_BYTES} bytes`);
  return bytes;
}

function read(bytes: Uint8Array): Inputs {
  const [inventories, statements, evidence, block] = items(decoded(bytes), 4);
  const [number, hash] = items(block);
  return {
    inventories: items(inventories).map((value) => {
      const [witness, epoch, body, signature] = items(value, 4);
      const said = readBody(octets(body, ITEM_BYTES + DIGEST_BYTES));
      if (said === undefined) throw malformed("an inventory's body cannot be read");
      return {
        witness: count(witness),
        epoch: count(epoch),
        body: said,
        signature: octets(signature, STATEMENT_SIGNATURE_BYTES),
      };
    }),
    statements: items(statements).map((value) => octets(value, MAX_STATEMENT_BYTES)),
    evidence: items(evidence).map((value) => {
      const [one, other] = items(value, 2);
      return [octets(one, MAX_FRAME_BYTES), octets(other, MAX_FRAME_BYTES)];
    }),
    block: number === undefined ? undefined : { number: count(number), hash: octets(hash, DIGEST_BYTES) },
  };
}

function decoded(bytes: Uint8Array): CborValue {
  try {
    return decodeCbor(bytes, { depth: 4, bytes: MAX_INPUT_BYTES });
  } catch (error) {
    if (!(error instanceof CborError)) throw error;
    throw malformed(error.message);
  }
}

function items(value: CborValue | undefined, length?: number): CborValue[] {
  if (Array.isArray(value) && (length === undefined || value.length === length)) return value;
  throw malformed("a list is not as long as it should be, or none");
}

function count(value: CborValue | undefined): number {
  if (typeof value === "number" && value >= 0) return value;
  throw malformed("there is no count where one belongs");
}

function octets(value: CborValue | undefined, most: number): Uint8Array {
  if (value instanceof Uint8Array && value.length <= most) return value;
  throw malformed(`there are not up to ${most} bytes where they belong`);
}

const malformed = (detail: string): InputError => new InputError(`inputs: ${detail}`);
