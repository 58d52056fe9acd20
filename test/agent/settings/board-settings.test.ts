import { describe, expect, test } from "@jest/globals";
import { InputError } from "../../../agent/input-error.js";
import { createBoardSettings, storedSettings } from "../../../agent/settings/board-settings.js";

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
    [
      "a password that is a number",
      { wifi: { ssid: "a", password: 1 } },
      /^wifi.password: a value of type number is not a text/,
    ],
    ["no time server", { sntp: 5 }, /^sntp: a value of type number is not a text/],
    [
      "a name that is no setting",
      { wifi: { ssid: "a", pasword: "b" } },
      /^wifi.pasword: there is no such setting/,
    ],
  ])("%s: is refused by its name", (_name, overrides, message) => {
    expect(() => createBoardSettings(CONFIG, overrides)).toThrow(InputError);
    expect(() => createBoardSettings(CONFIG, overrides)).toThrow(message);
  });

  test("none are stored at first", () => {
    expect(storedSettings(undefined)).toEqual({});
  });
});

describe("stored settings", () => {
  const stored = (settings: object) => {
    const bytes = new TextEncoder().encode(JSON.stringify(settings));
    return () => storedSettings(bytes);
  };

  test("may be those of every device and a board's own", () => {
    const settings = { network: "n", wifi: { ssid: "a" }, sntp: "t" };
    expect(stored(settings)()).toEqual(settings);
  });

  test("a name that is none of them is named", () => {
    expect(stored({ wlan: {} })).toThrow(/^wlan: there is no such setting; there are network, .*wifi, sntp$/);
  });

  test("bytes that are no text are refused", () => {
    expect(() => storedSettings(Uint8Array.of(0xff))).toThrow("NVS settings: what is stored is not UTF-8");
  });
});
