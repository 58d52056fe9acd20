import { BoardClient } from "../board-client.js";
import { BoardError } from "../board-error.js";
import { type FailureCode, OperationError, type Step } from "../events.js";
import { Loader, ROM_BAUD, resetBoard } from "../flash/loader.js";
import { ConsoleEar, type Diagnosis, diagnose, IN_LOADER } from "../unheard.js";
import type { Wire } from "../wire.js";

/** Milliseconds between two questions to a board that starts, and how long one is waited for. */
const EVERY = 300;
const STARTS_WITHIN = 15_000;
/** The same after a reset. */
const ONCE_MORE = 6000;

const HINTS: Partial<Record<FailureCode, string>> = {
  "no-firmware":
    "Is it flashed? The board listens for some minutes after power-up: press RESET and try again.",
  "cable-pulled": "Plug the board in again and repeat.",
  "wifi-refused": "Check name and password; the board hears 2.4 GHz only.",
  "other-owner":
    "Nothing was stored. Use that owner's key; or its owner lets the board forget: fieldmark order reset.",
  "settings-refused": "No setting was stored. Mend it and try again.",
};

/** Milliseconds that a board may take to answer, and once more after a reset. */
export interface Patience {
  readonly starts?: number;
  readonly again?: number;
}

/**
 * A client for the board on the wire, once its firmware answers. One that stays silent is reset, where the port has the lines for it; after that it
 * is found out how far along the way something answers. Throws OperationError: `cable-pulled`, or which part failed (unheard.ts).
 */
export async function awaitBoard(wire: Wire, step: Step, patience: Patience = {}): Promise<BoardClient> {
  const { starts = STARTS_WITHIN, again = ONCE_MORE } = patience;
  const client = new BoardClient(wire);
  const ear = new ConsoleEar();
  const stop = wire.receive(ear.received);
  try {
    if (await answers(wire, step, starts)) return client;
    if (wire.setSignals !== undefined) {
      await resetBoard(wire, step);
      if (await answers(wire, step, again)) return client;
    }
    const { code, reason, hint } = diagnose(ear.heard) ?? (await chipAlone(wire, step));
    throw new OperationError(step, code, `${wire.name}: ${reason}`, hint);
  } catch (error) {
    client.close();
    throw error;
  } finally {
    stop();
  }
}

async function answers(wire: Wire, step: Step, within: number): Promise<boolean> {
  const every = EVERY + (wire.roundTrip ?? 0);
  const probe = new BoardClient(wire, { timeout: every, tries: Math.ceil(within / every) });
  try {
    await probe.state();
    return true;
  } catch (error) {
    if (error instanceof BoardError && error.code === "timeout") return false;
    throw boardFailure(error, step, "no-firmware", wire.name);
  } finally {
    probe.close();
  }
}

/** Nothing was said at all: whether the chip itself answers. */
async function chipAlone(wire: Wire, step: Step): Promise<Diagnosis> {
  try {
    const loader = await Loader.open(wire, ROM_BAUD, step);
    const { chip } = loader.info;
    await loader.leave(step);
    // It answered without a reset: it was waiting there.
    if (wire.setSignals === undefined) return { code: "in-loader", ...IN_LOADER };
    return {
      code: "not-flashed",
      reason: `its chip answers (${chip}), and its firmware says nothing`,
      hint: "Flash it.",
    };
  } catch (error) {
    if (!(error instanceof OperationError) || error.code !== "no-loader") throw error;
    return { code: "port-silent", ...SILENT };
  }
}

const SILENT = {
  reason: "the port opens, and nothing answers: neither firmware nor the chip's loader, and no text came",
  hint: "Is it the board's port, and does the board have power? Try another cable: many have no data lines. Press RESET and try again.",
};

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
