/** Why a board did not do what it was asked. */
export type BoardErrorCode =
  | "timeout" // no answer, or none that was whole
  | "closed" // the wire ended
  | "invalid" // the board did not understand the packet
  | "unknown-command" // a board of another make, or of an older firmware
  | "unable-to-connect" // Wi-Fi: wrong name or password, or out of reach
  | "bad-hostname"
  | "refused" // what was asked is not allowed, or wrong; nothing has changed
  | "failed"; // the board could not do it

export class BoardError extends Error {
  override readonly name = "BoardError";
  constructor(
    readonly code: BoardErrorCode,
    message: string,
  ) {
    super(message);
  }
}
