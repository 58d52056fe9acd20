import type { KeyValue } from "../../agent/ports/key-value.js";
import type { ResetReason } from "../resets.js";

const KEY = "started";

/**
 * Linux has no reset register. A device that was there before and starts again was killed: this one never ends by itself.
 */
export function resetReasonOf(store: KeyValue): ResetReason {
  if (store.get(KEY) !== undefined) return "killed";
  store.set(KEY, Uint8Array.of(1));
  return "power-on";
}
