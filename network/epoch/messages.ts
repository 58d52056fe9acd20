import { CborError } from "../../agent/cbor/error.js";
import { type CborValue, decodeCbor, encodeCbor } from "../../agent/cbor/value.js";
import { CborWriter } from "../../agent/cbor/writer.js";
import { isSameBytes } from "../../agent/cose/kid.js";
import { DIGEST_BYTES } from "../../agent/frame/layout.js";
import { readBody, writeBody } from "../inventory/body.js";
import { STATEMENT_SIGNATURE_BYTES } from "../ports/statement-keys.js";
import { SAY_KINDS } from "../statement/statements.js";
import type { Certificate } from "./certificate.js";
import type { NamedInventory } from "./inputs.js";
import type { Proposal } from "./proposal.js";
import type { EpochRecord } from "./record.js";
import type { SignedSay } from "./say.js";

/** What witnesses send each other (docs/network.md, *Messages*). */
export type Message =
  | { readonly type: "say"; readonly say: SignedSay }
  | { readonly type: "certificate"; readonly certificate: Certificate }
  | { readonly type: "proposal"; readonly proposal: Proposal }
  | { readonly type: "inventory"; readonly inventory: NamedInventory }
  /** Asks for what is proven of slots from this one on. */
  | { readonly type: "want"; readonly slot: number };

/** No longer message is read or written. */
const MAX_MESSAGE_BYTES = 1 << 20;
/** Slots in a row that a proposal can pass over: their timers double, so that it takes a year. */
const MAX_VOIDS = 32;
/** Around the bytes of a message's parts. */
const AROUND = 4096;
const NESTED = 6;

/** Throws CborError where it is longer than a message may be. */
export function writeMessage(message: Message): Uint8Array {
  const inputs = message.type === "proposal" ? message.proposal.inputs.length : 0;
  const voids = message.type === "proposal" ? message.proposal.voids : [];
  const signatures = voids.reduce((sum, { signatures }) => sum + signatures.length, 0);
  const room = AROUND + inputs + 80 * (signatures + 2 * 100);
  const writer = new CborWriter(new Uint8Array(Math.min(room, MAX_MESSAGE_BYTES)));
  encodeCbor(itemsOf(message), writer);
  return writer.buffer.slice(0, writer.offset);
}

/** Undefined for what is none in its one encoding. Nothing in it is proven. */
export function readMessage(bytes: Uint8Array): Message | undefined {
  try {
    const message = messageOf(decodeCbor(bytes, { depth: NESTED, bytes: MAX_MESSAGE_BYTES }));
    return isSameBytes(writeMessage(message), bytes) ? message : undefined;
  } catch (error) {
    if (error instanceof CborError || error instanceof Malformed) return undefined;
    throw error;
  }
}

class Malformed extends Error {}

function itemsOf(message: Message): CborValue {
  switch (message.type) {
    case "say":
      return ["say", ...sayValue(message.say)];
    case "certificate":
      return ["certificate", ...certificateValue(message.certificate)];
    case "want":
      return ["want", message.slot];
    case "inventory": {
      const { witness, epoch, body, signature } = message.inventory;
      return ["inventory", witness, epoch, writeBody(body), signature];
    }
    case "proposal": {
      const { record, inputs, say, parent, voids } = message.proposal;
      return [
        "proposal",
        recordValue(record),
        inputs,
        sayValue(say),
        parent === undefined ? [] : certificateValue(parent),
        voids.map(certificateValue),
      ];
    }
  }
}

const sayValue = ({ slot, kind, record, witness, signature }: SignedSay): CborValue[] => [
  slot,
  SAY_KINDS.indexOf(kind),
  record,
  witness,
  signature,
];

const certificateValue = ({ slot, kind, record, signatures }: Certificate): CborValue[] => [
  slot,
  SAY_KINDS.indexOf(kind),
  record,
  signatures.map(([witness, signature]) => [witness, signature]),
];

/** Its members in the order of the EIP-712 struct. */
export const recordValue = (record: EpochRecord): CborValue[] => [
  record.description,
  record.next,
  record.slot,
  record.epoch,
  record.parent,
  record.inputs,
  record.state,
  record.payouts,
  record.total,
];

function messageOf(value: CborValue): Message {
  const [type, ...rest] = items(value);
  if (type === "say") return { type, say: sayOf(rest) };
  if (type === "certificate") return { type, certificate: certificateOf(rest) };
  if (type === "want" && rest.length === 1) return { type, slot: count(rest[0]) };
  if (type === "inventory") {
    const [witness, epoch, body, signature] = items(rest, 4);
    const said = body instanceof Uint8Array ? readBody(body) : undefined;
    if (said === undefined) throw new Malformed();
    return {
      type,
      inventory: {
        witness: count(witness),
        epoch: count(epoch),
        body: said,
        signature: octets(signature, STATEMENT_SIGNATURE_BYTES),
      },
    };
  }
  if (type === "proposal") {
    const [record, inputs, say, parent, voids] = items(rest, 5);
    if (!(inputs instanceof Uint8Array)) throw new Malformed();
    const voidList = items(voids);
    if (voidList.length > MAX_VOIDS) throw new Malformed();
    const parents = items(parent);
    return {
      type,
      proposal: {
        record: readRecordValue(record),
        inputs,
        say: sayOf(say),
        parent: parents.length === 0 ? undefined : certificateOf(parents),
        voids: voidList.map(certificateOf),
      },
    };
  }
  throw new Malformed();
}

function sayOf(value: CborValue | undefined): SignedSay {
  const [slot, kind, record, witness, signature] = items(value, 5);
  return {
    slot: count(slot),
    kind: kindOf(kind),
    record: octets(record, DIGEST_BYTES),
    witness: count(witness),
    signature: octets(signature, STATEMENT_SIGNATURE_BYTES),
  };
}

function certificateOf(value: CborValue | undefined): Certificate {
  const [slot, kind, record, signatures] = items(value, 4);
  return {
    slot: count(slot),
    kind: kindOf(kind),
    record: octets(record, DIGEST_BYTES),
    signatures: items(signatures).map((one) => {
      const [witness, signature] = items(one, 2);
      return [count(witness), octets(signature, STATEMENT_SIGNATURE_BYTES)] as const;
    }),
  };
}

/** The reverse of `recordValue`. Throws Malformed. */
function readRecordValue(value: CborValue | undefined): EpochRecord {
  const [description, next, slot, epoch, parent, inputs, state, payouts, total] = items(value, 9);
  return {
    description: octets(description, DIGEST_BYTES),
    next: octets(next, DIGEST_BYTES),
    slot: count(slot),
    epoch: count(epoch),
    parent: octets(parent, DIGEST_BYTES),
    inputs: octets(inputs, DIGEST_BYTES),
    state: octets(state, DIGEST_BYTES),
    payouts: octets(payouts, DIGEST_BYTES),
    total: count(total),
  };
}

function kindOf(value: CborValue | undefined): SignedSay["kind"] {
  const kind = SAY_KINDS[count(value)];
  if (kind === undefined) throw new Malformed();
  return kind;
}

function items(value: CborValue | undefined, length?: number): CborValue[] {
  if (Array.isArray(value) && (length === undefined || value.length === length)) return value;
  throw new Malformed();
}

function count(value: CborValue | undefined): number {
  if (typeof value === "number" && value >= 0) return value;
  throw new Malformed();
}

function octets(value: CborValue | undefined, length: number): Uint8Array {
  if (value instanceof Uint8Array && value.length === length) return value;
  throw new Malformed();
}
