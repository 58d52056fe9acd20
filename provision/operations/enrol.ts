import { CborReader } from "../../agent/cbor/reader.js";
import { CborWriter } from "../../agent/cbor/writer.js";
import { kidOfKey } from "../../agent/cose/kid.js";
import { readSign1, writeSign1 } from "../../agent/cose/sign1.js";
import { didOfKey } from "../../agent/frame/identity.js";
import type { SignatureChecker, Signer } from "../../agent/ports/signer.js";
import { readStatement, type Statement } from "../../agent/provision/read-statement.js";
import { quoted } from "../../text/visible.js";
import type { BoardClient } from "../board-client.js";
import type { Operation } from "../events.js";
import { checkOwner } from "./authority.js";
import { bad, type Proof, prove } from "./prove.js";

/**
 * The owner's signature over a board's statement: COSE_Sign1 (agent/cose/sign1.ts) of this content
 * type, whose payload is the CBOR array `[network, site, statement]`. It makes a receipt the owner's;
 * what witnesses go by says more (network/enrolment/statement.ts).
 */
const ENROLMENT_TYPE = "application/vnd.fieldmark.enrolment+cbor";

/** A board that has proven who it is, and to whom it belongs. */
export interface Enrolled {
  readonly statement: Statement;
  /** As the board signed it. */
  readonly statementBytes: Uint8Array;
  readonly device: string;
  /** The owner's; undefined without an owner. */
  readonly countersigned: Uint8Array | undefined;
}

export interface EnrolOptions extends Proof {
  readonly network: string;
  readonly site: string;
  /** Who signs that the board is theirs. */
  readonly owner?: Signer | undefined;
  /** Whose the board is, where the owner's key is not here to sign that: its public half, 33 bytes. */
  readonly ownerKey?: Uint8Array | undefined;
  /** The device that is expected, in hex: one that was enrolled before. */
  readonly device?: string;
}

/**
 * Lets a board prove who it is, and signs for the owner that it is theirs; the board learns of that last of all (authority.ts). Throws
 * OperationError `statement-bad`, or `other-owner`.
 */
export async function* enrol(client: BoardClient, options: EnrolOptions): Operation<Enrolled> {
  yield { type: "step", step: "enrol" };
  const { network, site, owner } = options;
  const { did, statement, statementBytes, device } = await prove(client, options, options);
  if (options.device !== undefined && options.device !== device)
    throw bad(`this is device ${device}, not ${options.device}`);
  if (statement.network !== network)
    throw bad(`the board signs for network ${quoted(statement.network)}, not for ${quoted(network)}`);
  yield { type: "identity", did, kid: device };
  checkOwner(statement, "enrol", { ...options, signer: owner, owner: owner?.publicKey ?? options.ownerKey });
  const countersigned = owner && countersign(network, site, statementBytes, owner);
  return { statement, statementBytes, device, countersigned };
}

export function countersign(network: string, site: string, statement: Uint8Array, owner: Signer): Uint8Array {
  const writer = new CborWriter(new Uint8Array(64 + 3 * (network.length + site.length) + statement.length));
  writer.array(3);
  writer.text(network);
  writer.text(site);
  writer.bytes(statement);
  const payload = writer.buffer.subarray(0, writer.offset);
  return writeSign1(ENROLMENT_TYPE, kidOfKey(owner.publicKey, owner), payload, owner);
}

/** What an owner signed: checks both signatures. `ownerKey`: 33 or 65 bytes. Throws InputError or CborError. */
export function readEnrolment(
  document: Uint8Array,
  ownerKey: Uint8Array,
  checker: SignatureChecker,
): { readonly network: string; readonly site: string; readonly statement: Statement } {
  const { payload } = readSign1(ENROLMENT_TYPE, document, ownerKey, checker);
  const reader = new CborReader(payload);
  if (reader.array() !== 3) reader.fail("unexpected", "an enrolment has three parts");
  const network = reader.text();
  const site = reader.text();
  const statement = readStatement(reader.bytes(), checker);
  reader.finish();
  return { network, site, statement };
}

/** did:key of an owner's key. */
export const ownerName = (owner: Signer): string => didOfKey(owner.publicKey);
