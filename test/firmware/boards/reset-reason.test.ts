import { describe, expect, test } from "@jest/globals";
import { RESET_REASONS } from "../../../firmware/resets.js";
import { loadFirmware } from "./board.js";

describe("reset reasons", () => {
  let number = 0;
  const { resetReason } = loadFirmware<{ resetReason: () => string }>("esp32/reset-reason.ts", {
    resetReason: { default: () => ({ reason: number }) },
  });

  // esp_system.h of ESP-IDF 6.0: esp_reset_reason_t counts from ESP_RST_UNKNOWN.
  test.each(
    [
      ["unknown", "UNKNOWN"],
      ["power-on", "POWERON"],
      ["external", "EXT"],
      ["software", "SW"],
      ["panic", "PANIC"],
      ["watchdog", "INT_WDT"],
      ["watchdog", "TASK_WDT"],
      ["watchdog", "WDT"],
      ["deep-sleep", "DEEPSLEEP"],
      ["brown-out", "BROWNOUT"],
      ["unknown", "SDIO"],
      ["external", "USB"],
      ["external", "JTAG"],
      ["unknown", "EFUSE"],
      ["brown-out", "PWR_GLITCH"],
      ["panic", "CPU_LOCKUP"],
      ["unknown", "a later one"],
    ].map(([reason, name], index) => [index, name, reason] as const),
  )("%i, %s, is %s", (index, _name, reason) => {
    number = index;
    expect(resetReason()).toBe(reason);
    expect(RESET_REASONS).toContain(reason);
  });
});
