import type { KeyValue } from "../../agent/ports/key-value.js";
import type { ResetReason } from "../resets.js";

const KEY = "started";
/** What is kept there: that the device has run before, and that it restarts of its own accord. */
const STARTED = 1;
const RESTARTS = 2;

/**
 * Linux has no reset register. A device that has run before was killed, unless it has said that it
 * restarts.
 */
export function resetReasonOf(store: KeyValue<string>): ResetReason {
  const before = store.get(KEY)?.[0];
  if (before !== STARTED) store.set(KEY, Uint8Array.of(STARTED));
  return before === undefined ? "power-on" : before === RESTARTS ? "software" : "killed";
}

/** The next start is no other's doing. */
export function sayRestart(store: KeyValue<string>): void {
  store.set(KEY, Uint8Array.of(RESTARTS));
}
