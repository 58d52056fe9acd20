import { hex, kidOfKey } from "../../agent/cose/kid.js";
import type { Signer } from "../../agent/ports/signer.js";
import { type Command, writeCommand } from "../../agent/provision/command.js";
import { FRAGMENT_BYTES, MAX_PARTS } from "../../agent/provision/exchange.js";
import { OWNERS_ALONE } from "../../agent/provision/owner.js";
import type { Statement } from "../../agent/provision/read-statement.js";
import type { BoardClient } from "../board-client.js";
import { BoardError } from "../board-error.js";
import { OperationError, type Step } from "../events.js";
import { asked } from "./board.js";
import { type Proof, prove } from "./prove.js";

/** Of a signed order over the wire, at most: what its parts hold. */
const MOST = MAX_PARTS * FRAGMENT_BYTES - 9;

/** Who may be asked for the owner's signature, where a board has an owner. */
export interface Authority extends Proof {
  /** The owner's key, where it is here. */
  readonly signer?: Signer | undefined;
  /** Its public half, 33 bytes, where that is all. */
  readonly owner?: Uint8Array | undefined;
}

/** Signs for one board, on one wire, until that board starts again. */
export type Sign = (verb: Command["verb"], body: string) => Uint8Array;

/**
 * How to sign what the board of this statement takes from its owner alone; undefined where it has no owner. Throws OperationError
 * `other-owner` where it has one whose key is not here.
 */
export function signFor(statement: Statement, step: Step, authority: Authority): Sign | undefined {
  const { network, kid, session } = statement;
  if (statement.owner.length === 0) return undefined;
  const { signer } = authority;
  checkOwner(statement, step, authority);
  if (signer === undefined)
    throw otherOwner(step, "the board has its owner already, and takes settings that this owner's key signs");
  return (verb, body) => {
    try {
      const order = { network, kid, ownership: session, counter: 0, until: 0, verb, body };
      return writeCommand(order, signer, MOST);
    } catch (error) {
      throw new OperationError(step, "settings-refused", (error as Error).message, "Give it fewer at once.");
    }
  };
}

/** Throws OperationError `other-owner` where the board has an owner, and this is another one. */
export function checkOwner(
  { owner }: Statement,
  step: Step,
  { signer, owner: ownKey = signer?.publicKey, checker }: Authority,
): void {
  if (owner.length === 0 || ownKey === undefined) return;
  const own = hex(kidOfKey(ownKey, checker));
  if (hex(owner) !== own)
    throw otherOwner(step, `the board's owner has the key ${hex(owner)}, and this one is ${own}`);
}

/** Makes the board the owner's. Last of all: it takes no settings after that but signed ones. Throws OperationError `other-owner`. */
export async function own(client: BoardClient, owner: Uint8Array | undefined): Promise<void> {
  if (owner !== undefined) await asked("enrol", "other-owner", () => client.owner(owner));
}

/** Sets the board's clock. One that has an owner takes the time from the network, where the owner's key is not here. */
export async function tellTime(
  client: BoardClient,
  step: Step,
  now: () => number,
  authority?: Authority,
): Promise<void> {
  try {
    await client.setClock(now());
  } catch (error) {
    const isOwners = error instanceof BoardError && error.message.includes(OWNERS_ALONE);
    if (!isOwners) await asked(step, "settings-refused", () => Promise.reject(error), STORED);
    if (authority?.signer === undefined) return;
    const { statement } = await prove(client, authority);
    const sign = signFor(statement, step, authority);
    if (sign !== undefined)
      await asked(step, "settings-refused", () => client.setClock(sign("clock", String(now()))), STORED);
  }
}

/** What to do where the board refuses the rest. */
export const STORED = "The settings are stored already; mend this and try again.";

const otherOwner = (step: Step, message: string) =>
  new OperationError(
    step,
    "other-owner",
    message,
    "Nothing was stored. Give that owner's key (--owner-key, or owner.key_file in the site file). Without it the board has to forget its owner, its settings and the frames that wait: fieldmark provision --forget.",
  );
