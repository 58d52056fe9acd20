import { describe, expect, test } from "@jest/globals";
import type { KeyValue } from "../../agent/ports/key-value.js";
import { RESET_REASONS } from "../../firmware/resets.js";
import { loadFirmware } from "./board.js";

interface BoardSettings {
  readonly board: string;
  readonly wifi: object;
}

const { createBoardSettings, storedSettings } = loadFirmware<{
  createBoardSettings: (config: object, overrides: object) => BoardSettings;
  storedSettings: (store: KeyValue) => object;
}>("esp32/board-settings.ts", {});

const CONFIG = { board: "esp32c3", wifi: { ssid: "", password: "" }, sntp: "pool.ntp.org" };

describe("a board's settings", () => {
  test("are the manifest's, with what is stored over them, whole", () => {
    const overrides = {
      wifi: { ssid: "field", password: "secret" },
      extra: 1,
    };
    expect(createBoardSettings(CONFIG, overrides)).toEqual({
      board: "esp32c3",
      wifi: { ssid: "field", password: "secret" },
      sntp: "pool.ntp.org",
    });
  });

  test("an empty password is none: an open network", () => {
    expect(createBoardSettings(CONFIG, { wifi: { ssid: "open", password: "" } }).wifi).toEqual({
      ssid: "open",
    });
  });

  test.each([
    ["no Wi-Fi", { wifi: undefined }, /^wifi: undefined is not an object/],
    ["a network without a name", { wifi: {} }, /^wifi.ssid: undefined is not a text/],
    ["a password that is a number", { wifi: { ssid: "a", password: 1 } }, /^wifi.password: 1 is not a text/],
    ["no time server", { sntp: 5 }, /^sntp: 5 is not a text/],
    [
      "a name that is no setting",
      { wifi: { ssid: "a", pasword: "b" } },
      /^wifi.pasword: there is no such setting/,
    ],
  ])("%s: is refused by its name", (_name, overrides, message) => {
    expect(() => createBoardSettings(CONFIG, overrides)).toThrow(RangeError);
    expect(() => createBoardSettings(CONFIG, overrides)).toThrow(message);
  });

  test("none are stored at first", () => {
    expect(storedSettings({ get: () => undefined } as unknown as KeyValue)).toEqual({});
  });
});

describe("stored settings", () => {
  const stored = (settings: object) => {
    const bytes = new TextEncoder().encode(JSON.stringify(settings));
    Object.assign(String, { fromArrayBuffer: (buffer: ArrayBuffer) => new TextDecoder().decode(buffer) });
    return () => storedSettings({ get: () => bytes } as unknown as KeyValue);
  };

  test("may be those of every device and a board's own", () => {
    const settings = { network: "n", wifi: { ssid: "a" }, sntp: "t" };
    expect(stored(settings)()).toEqual(settings);
  });

  test("a name that is none of them is named", () => {
    expect(stored({ wlan: {} })).toThrow(/^wlan: there is no such setting; there are network, .*wifi, sntp$/);
  });
});

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
