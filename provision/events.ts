import type { JudgedReading } from "../network/verify/judgement.js";
import type { Position } from "./names/place.js";
import type { Receipt } from "./operations/receipt.js";

/** What is done with a board, in this order. */
export const STEPS = [
  "scan",
  "identify",
  "flash",
  "verify",
  "provision",
  "enrol",
  "reading",
  "brokers",
  "receipt",
] as const;
export type Step = (typeof STEPS)[number];

/** What can go wrong, for programs; the page has words for each in its languages. */
export const FAILURE_CODES = [
  "no-port", // there is no such port
  "port-busy", // another program has it
  "port-forbidden", // the user may not open it
  "cable-pulled", // the port ended in the middle
  "no-loader", // the chip's loader does not answer: hold BOOT, or a cable without data lines
  "wrong-chip", // not the chip that was asked for, or that the bundle is for
  "bundle-damaged", // a part is missing, or is not what the manifest says
  "bundle-signature", // nobody signed it, or the signature is wrong
  "bundle-untrusted", // signed by somebody whom the technician did not name
  "bundle-foreign", // a file of firmware, or of another tool, that is no bundle
  "bundle-layout", // parts that overlap, or lie outside of the flash
  "identity-partition", // would overwrite the identity key
  "downgrade", // the board has a newer release
  "confirmation", // the words that were typed are not those that were asked for
  "flash-failed", // the chip did not take it
  "verify-failed", // the chip holds something else than was written
  "port-silent", // the port opens, and neither firmware nor loader says anything
  "wrong-rate", // what comes is no text
  "in-loader", // the chip waits for a download
  "not-flashed", // the chip answers, and finds no firmware
  "other-firmware", // something runs that is not Fieldmark
  "boot-failed", // Fieldmark's firmware starts, and gives up
  "no-firmware", // nobody answers as Improv Serial, or as Fieldmark
  "wifi-refused", // wrong password, or no such network
  "wifi-missing", // the board does not hear that network
  "settings-refused", // the board says what is wrong
  "other-owner", // the board obeys another owner
  "statement-bad", // not signed by the key, not fresh, or not the board that was expected
  "enrolled-already", // the registry has the device with something else
  "clock-wrong", // that of the machine, by all that is known; not the board's
  "reading-missing", // the board made no reading
  "reading-bad", // it did not pass the check
  "no-name", // no name is left for the board, or none was given
  "no-broker", // fewer brokers take its frames than it wants
  "receipt-bad", // no receipt, or not one of this site, or it says something else than its proofs
  "file", // a file of the technician's cannot be read or written
  "internal",
] as const;
export type FailureCode = (typeof FAILURE_CODES)[number];

/** A step that did not succeed. The message says what is wrong, the hint what to do about it; neither holds a secret. */
export class OperationError extends Error {
  override readonly name = "OperationError";
  constructor(
    readonly step: Step,
    readonly code: FailureCode,
    message: string,
    readonly hint: string = "",
  ) {
    super(message);
  }
}

/** A Wi-Fi network that the board hears. */
export interface Network {
  readonly ssid: string;
  /** dBm. */
  readonly rssi: number;
  readonly isSecured: boolean;
}

/** How a broker takes the board. */
export interface BrokerState {
  readonly name: string;
  /** No session; one in which no frame was acknowledged yet; frames are acknowledged; they are refused because nobody listens. */
  readonly standing: "away" | "open" | "takes" | "unheard";
  /** Why it does not; may be empty. */
  readonly reason: string;
}

export type OperationEvent =
  | { readonly type: "step"; readonly step: Step }
  /** `done` of `total` bytes, or whatever the step counts. */
  | { readonly type: "progress"; readonly step: Step; readonly done: number; readonly total: number }
  | { readonly type: "identified"; readonly chip: string; readonly mac: string; readonly flashBytes: number }
  /** A batch waits for a board to be plugged in. */
  | { readonly type: "waiting" }
  /** Something that went another way than it should have, and went on. */
  | { readonly type: "note"; readonly step: Step; readonly message: string }
  | { readonly type: "identity"; readonly did: string; readonly kid: string }
  /** What the board is called from now on, and where it will be. */
  | { readonly type: "named"; readonly name: string; readonly position?: Position | undefined }
  | { readonly type: "networks"; readonly networks: readonly Network[] }
  | { readonly type: "reading"; readonly frame: Uint8Array; readonly readings: readonly JudgedReading[] }
  /** Whenever one of them changed. */
  | { readonly type: "brokers"; readonly brokers: readonly BrokerState[] }
  | { readonly type: "receipt"; readonly receipt: Receipt }
  /** A batch leaves the board alone, whose log has it as done: by `id`, chip's address or device's name, since `at` (ISO 8601, UTC). */
  | { readonly type: "done-already"; readonly id: string; readonly at: string }
  | {
      readonly type: "failed";
      readonly step: Step;
      readonly code: FailureCode;
      readonly reason: string;
      readonly hint: string;
    };

/** An operation: says what it does, and returns what came of it or throws OperationError. */
export type Operation<T> = AsyncGenerator<OperationEvent, T, void>;

/** The same operation, whose failure is an event, its last; undefined is returned then. */
export async function* reported<T>(operation: Operation<T>): Operation<T | undefined> {
  try {
    return yield* operation;
  } catch (error) {
    yield failureOf(error);
    return undefined;
  }
}

export function failureOf(error: unknown): Extract<OperationEvent, { type: "failed" }> {
  if (error instanceof OperationError) {
    const { step, code, message, hint } = error;
    return { type: "failed", step, code, reason: message, hint };
  }
  const reason = error instanceof Error ? error.message : String(error);
  return { type: "failed", step: "receipt", code: "internal", reason, hint: "" };
}
