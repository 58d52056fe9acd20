/// <reference path="../types/board-modules.d.ts" />
import getResetReason from "resetReason";
import type { ResetReason } from "../resets.js";

/** By esp_reset_reason_t (ESP-IDF 6.0, esp_system.h); what is missing here is "unknown". */
const REASONS: { readonly [reason: number]: ResetReason } = Object.freeze({
  1: "power-on",
  2: "external",
  3: "software",
  4: "panic",
  5: "watchdog", // of interrupts
  6: "watchdog", // of tasks
  7: "watchdog", // another one
  8: "deep-sleep",
  9: "brown-out",
  11: "external", // USB
  12: "external", // JTAG
  14: "brown-out", // power glitch
  15: "panic", // CPU lock-up
} as const);

export function resetReason(): ResetReason {
  return REASONS[getResetReason().reason] ?? "unknown";
}
