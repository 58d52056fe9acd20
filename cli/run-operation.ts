import { InputError } from "../agent/input-error.js";
import { type FailureCode, type Operation, OperationError, reported } from "../provision/events.js";
import { visibleLine } from "../text/visible.js";
import { createOperationView } from "./render/operation-view.js";

/**
 * What to throw where an operation failed before there was a board: an InputError, which is about what the caller gave, for files and ports
 * that were named; with the hint in the message.
 */
export function beforeBoards(error: unknown): unknown {
  if (!(error instanceof OperationError)) return error;
  const message = [error.message, error.hint]
    .filter((line) => line !== "")
    .map(visibleLine)
    .join("\n");
  return USAGE.includes(error.code) ? new InputError(message) : new Error(message);
}

/** What is wrong with what the caller gave, not with the board. */
const USAGE: readonly FailureCode[] = [
  "no-port",
  "file",
  "bundle-untrusted",
  "bundle-foreign",
  "confirmation",
];

/** Runs an operation, shows what it says, and sets the exit code where it failed: 2 or 1. Undefined then. */
export async function runOperation<T>(operation: Operation<T>, json: boolean): Promise<T | undefined> {
  const view = await createOperationView(json);
  const shown = reported(operation);
  try {
    for (;;) {
      const { done, value } = await shown.next();
      if (done) return value;
      if (value.type === "failed") process.exitCode = USAGE.includes(value.code) ? 2 : 1;
      view.event(value);
    }
  } finally {
    view.close();
  }
}
