import { describe, expect, test } from "@jest/globals";
import { SettingError } from "../../../agent/input-error.js";
import { checkMemory, checkText, ROOMY } from "../../../agent/settings/limits.js";
import { createSettings } from "../../../agent/settings/settings.js";
import { CONFIG } from "../provision/recorded-host.js";

const bytes = (json: string) => new TextEncoder().encode(json);
const tried = (work: () => void) => {
  try {
    work();
  } catch (error) {
    return error;
  }
  return undefined;
};

describe("settings that a board has no memory for are refused, with the numbers", () => {
  test.each([
    ["bytes", `"${"a".repeat(98)}"`, "a"],
    ["values", "[1,2,3]", "[1,2]"],
    ["levels", `${"[".repeat(9)}${"]".repeat(9)}`, `${"[".repeat(8)}${"]".repeat(8)}`],
  ])("%s", (unit, tooMuch, fits) => {
    const limits = { ...ROOMY, bytes: 99, parts: unit === "values" ? 2 : 99 };
    expect(tried(() => checkText(bytes(fits), limits))).toBeUndefined();
    const error = tried(() => checkText(bytes(tooMuch), limits));
    expect(error).toBeInstanceOf(SettingError);
    expect((error as Error).message).toMatch(
      new RegExp(`^settings: \\d+ ${unit} are more than this board has memory for: \\d+$`),
    );
  });

  test("brokers", () => {
    const settings = createSettings(CONFIG, { brokers: [{ host: "a" }, { host: "b" }] });
    expect(tried(() => checkMemory(settings, { ...ROOMY, brokers: 2 }))).toBeUndefined();
    expect(tried(() => checkMemory(settings, { ...ROOMY, brokers: 1 }))).toMatchObject({
      message: "brokers: 2 are more than this board has memory for: 1",
    });
  });

  test("frames, readings that wait and the window", () => {
    const settings = createSettings(CONFIG, {});
    expect(tried(() => checkMemory(settings, ROOMY))).toBeUndefined();
    for (const more of [{ readings: 40 }, { window: 200 }])
      expect(
        tried(() => checkMemory(createSettings(CONFIG, more), { ...ROOMY, buffers: 2000 })),
      ).toMatchObject({
        message: expect.stringMatching(/^readings, window, sensors: \d+ bytes are more .*: 2000$/),
      });
  });
});
