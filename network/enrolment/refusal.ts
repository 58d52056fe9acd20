import { InputError } from "../../agent/input-error.js";
import { isRefusal } from "./read-statement.js";

/** Why a statement is not entered; exact strings, for programs. */
export type RefusalCode =
  | "malformed" // not a statement of an owner
  | "wrong-network"
  | "bad-signature" // not signed by the key that it names
  | "unknown-owner" // not one of those who may enrol here
  | "not-accepted" // the new owner has not signed a move
  | "bad-proof" // no statement of that device for this owner
  | "kid-taken" // another device has its kid
  | "not-owner" // the device is somebody else's
  | "not-later" // not dated after the one before it
  | "ended" // the device is ended already
  | "contradiction" // another statement follows the same one, and comes first
  | "full"; // the book, or the device's part of it

export class Refusal extends InputError {
  constructor(
    readonly code: RefusalCode,
    message: string,
  ) {
    super(message);
  }
}

/** What `work` refuses is refused by this code. */
export function under<T>(code: RefusalCode, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw isRefusal(error) ? new Refusal(code, error.message) : error;
  }
}
