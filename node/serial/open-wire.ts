import { type FailureCode, OperationError, type Step } from "../../provision/events.js";
import { isRfc2217 } from "../../provision/rfc2217-url.js";
import { type Wire, WireError } from "../../provision/wire.js";

const CODES: Readonly<Record<WireError["code"], FailureCode>> = {
  closed: "cable-pulled",
  "not-there": "no-port",
  busy: "port-busy",
  forbidden: "port-forbidden",
  failed: "no-port",
};

const HINTS: Partial<Record<FailureCode, string>> = {
  "no-port": "Is the board plugged in, with a cable that has data lines? fieldmark scan lists the ports.",
  "port-busy": "Close the other program: a serial monitor, another fieldmark, a browser's tab.",
  "port-forbidden":
    "On Linux: sudo usermod -a -G dialout $USER, then log in again. fieldmark doctor says more.",
};

/** Opens a port by its name: one of this machine, or `rfc2217://host:port`. Throws OperationError. */
export async function openWire(name: string, step: Step): Promise<Wire> {
  try {
    if (isRfc2217(name)) return await (await import("./rfc2217-wire.js")).openRfc2217(name);
    return await (await import("./serial-wire.js")).openSerial(name);
  } catch (error) {
    throw notOpened(error, step);
  }
}

/** What is thrown where a port cannot be opened: OperationError for a WireError. */
export function notOpened(error: unknown, step: Step): unknown {
  if (!(error instanceof WireError)) return error;
  const code = CODES[error.code];
  return new OperationError(step, code, error.message, HINTS[code] ?? "");
}
