import { hex } from "../../agent/cose/kid.js";
import type { SignatureChecker, Signer } from "../../agent/ports/signer.js";
import { readStatement, type Statement } from "../../agent/provision/read-statement.js";
import { NONCE_BYTES, ownersChallenge } from "../../network/enrolment/owners-challenge.js";
import { KEY_BYTES } from "../../network/enrolment/statement.js";
import type { BoardClient } from "../board-client.js";
import { OperationError } from "../events.js";
import { asked } from "./board.js";

/** By what a board's proof is asked for, and checked. */
export interface Proof {
  readonly checker: SignatureChecker;
  /** Random bytes that nobody can foresee. */
  readonly random: (bytes: number) => Uint8Array;
}

/** Whose the board is to be: the key, or its public half of 33 bytes where that is all. */
export interface ForOwner {
  readonly owner?: Pick<Signer, "publicKey"> | undefined;
  readonly ownerKey?: Uint8Array | undefined;
}

/** A board that has proven who it is. */
export interface Proven {
  readonly did: string;
  readonly statement: Statement;
  /** As the board signed it. */
  readonly statementBytes: Uint8Array;
  /** The kid in hex. */
  readonly device: string;
}

/**
 * Lets a board prove who it is, over a challenge made now; changes nothing. Where an owner is named, the challenge is that owner's, who alone
 * can enrol the board by the statement. Throws OperationError `statement-bad`.
 */
export async function prove(
  client: BoardClient,
  { checker, random }: Proof,
  { owner, ownerKey = owner?.publicKey }: ForOwner = {},
): Promise<Proven> {
  const nonce = random(NONCE_BYTES);
  const challenge = ownersChallenge(nonce, ownerKey ?? random(KEY_BYTES), checker);
  const { did, statement: bytes } = await asked("enrol", "statement-bad", () => client.identity(challenge));
  const statement = checked(bytes, checker);
  const same = challenge.every((byte, i) => statement.challenge[i] === byte);
  if (statement.challenge.length !== challenge.length || !same)
    throw bad(
      "the board's statement is not the answer to this question: somebody may be replaying an old one",
    );
  if (statement.did !== did) throw bad("the board signs with another key than it says");
  return { did, statement, statementBytes: bytes, device: hex(statement.kid) };
}

function checked(bytes: Uint8Array, checker: SignatureChecker): Statement {
  try {
    return readStatement(bytes, checker);
  } catch (error) {
    throw bad(`the board's statement is not good: ${(error as Error).message}`);
  }
}

/** A board that is not to be trusted. */
export const bad = (message: string) =>
  new OperationError(
    "enrol",
    "statement-bad",
    message,
    "Do not install this board; keep it for whoever made its firmware.",
  );
