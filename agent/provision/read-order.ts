import { hex } from "../cose/kid.js";
import { KID_BYTES } from "../frame/layout.js";
import { InputError } from "../input-error.js";
import type { SignatureChecker } from "../ports/signer.js";
import { type Command, readCommand } from "./command.js";
import type { BoardIdentity } from "./host.js";

/** Why a message is not answered. */
export const NOT_AN_ORDER = "it is no order";

/** An order that `owner` has signed for this board. Whether it counts now is not looked at. Throws InputError only. */
export function readOrder(
  message: Uint8Array,
  owner: Uint8Array,
  board: Pick<BoardIdentity, "network" | "device">,
  checker: SignatureChecker,
): Command {
  const command = read(message, owner, checker);
  const { network, kid } = command;
  if (network !== board.network)
    throw new InputError(`it is for another network: the board is in ${board.network}`);
  if (kid.length !== KID_BYTES || hex(kid) !== board.device) throw new InputError("it is for another board");
  return command;
}

function read(message: Uint8Array, owner: Uint8Array, checker: SignatureChecker): Command {
  try {
    return readCommand(message, owner, checker);
  } catch (error) {
    throw error instanceof InputError ? error : new InputError(NOT_AN_ORDER);
  }
}
