import { BoardClient } from "../board-client.js";
import { BoardError } from "../board-error.js";
import { type FailureCode, OperationError, type Step } from "../events.js";
import type { Wire } from "../wire.js";

/** Milliseconds between two questions to a board that starts, and how long one is waited for. */
const EVERY = 300;
const STARTS_WITHIN = 15_000;

const HINTS: Partial<Record<FailureCode, string>> = {
  "no-firmware":
    "Is it flashed? The board listens for some minutes after power-up: press RESET and try again.",
  "cable-pulled": "Plug the board in again and repeat.",
  "wifi-refused": "Check name and password; the board hears 2.4 GHz only.",
  "other-owner":
    "Nothing was stored. Use that owner's key; or its owner lets the board forget: fieldmark order reset.",
  "settings-refused": "No setting was stored. Mend it and try again.",
};

/** A client for the board on the wire, once its firmware answers. Throws OperationError `no-firmware`, `cable-pulled`. */
export async function awaitBoard(wire: Wire, step: Step): Promise<BoardClient> {
  const client = new BoardClient(wire);
  const every = EVERY + (wire.roundTrip ?? 0);
  const probe = new BoardClient(wire, { timeout: every, tries: Math.ceil(STARTS_WITHIN / every) });
  try {
    await probe.state();
    return client;
  } catch (error) {
    client.close();
    throw boardFailure(error, step, "no-firmware", wire.name);
  } finally {
    probe.close();
  }
}

/** Asks the board; what it refuses becomes an OperationError, of `code` unless the board is gone. `hint`: what to do where it refuses. */
export async function asked<T>(
  step: Step,
  code: FailureCode,
  ask: () => Promise<T>,
  hint?: string,
): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    throw boardFailure(error, step, code, "", hint);
  }
}

function boardFailure(error: unknown, step: Step, code: FailureCode, where: string, hint?: string): unknown {
  if (!(error instanceof BoardError)) return error;
  const found = codeOf(error, code);
  const isNamed = where === "" || error.message.startsWith(where);
  const message = isNamed ? error.message : `${where}: ${error.message}`;
  return new OperationError(step, found, message, (found === code ? hint : undefined) ?? HINTS[found] ?? "");
}

function codeOf({ code }: BoardError, otherwise: FailureCode): FailureCode {
  if (code === "closed") return "cable-pulled";
  if (code === "timeout" || code === "unknown-command") return "no-firmware";
  return otherwise;
}
