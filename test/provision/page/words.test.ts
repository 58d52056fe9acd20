import { expect, test } from "@jest/globals";
import { valueText } from "../../../provision/page/words.js";

/** Spaces as they are typed, not as they are set. */
const shown = (value: number, unit: string, tag: string) =>
  valueText(value, unit, tag).replace(/[\u00a0\u202f]/g, " ");

test.each([
  [54.6, "%RH", "54.6%", "54,6 %"],
  [0.546, "/", "54.6%", "54,6 %"],
  [100, "%RH", "100%", "100 %"],
  [99, "%EL", "99%", "99 %"],
  [101_332, "Pa", "1,013.32 hPa", "1.013,32 hPa"],
  [96_500, "Pa", "965 hPa", "965 hPa"],
  [-3.25, "Cel", "-3.25 °C", "-3,25 °C"],
  [12, "lx", "12 lx", "12 lx"],
  [3.3, "V", "3.3 V", "3,3 V"],
  [12, "ug/m3", "12 µg/m³", "12 µg/m³"],
] as const)("%d %s is said as people say it: %s, %s", (value, unit, english, german) => {
  expect([shown(value, unit, "en-GB"), shown(value, unit, "de-DE")]).toEqual([english, german]);
});
