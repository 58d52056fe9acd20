import { describe, expect, test } from "@jest/globals";
import { isSenmlUnit } from "../../../../agent/frame/units.js";

describe("SenML units", () => {
  test.each([
    [
      "RFC 8428",
      ["m", "kg", "Cel", "%RH", "%EL", "%", "/", "lat", "1/min", "beat/min", "S/m", "count", "Pa"],
    ],
    ["RFC 8798, primary", ["B", "VA", "VAs", "var", "vars", "J/m", "kg/m3", "deg"]],
    ["RFC 8798, secondary", ["ms", "kWh", "Wh/km", "KiB", "B/s", "dBm", "/100", "/1000", "hPa", "km/h"]],
    ["added by IANA since", ["NTU", "ppb", "ppt", "VAh", "mg/l", "ug/l", "g/l"]],
  ])("%s", (_title, units) => {
    expect(units.filter((unit) => !isSenmlUnit(unit))).toEqual([]);
  });

  test.each(["", " ", "m ", "m kg", "cel", "CEL", "C°", "°C", "percent", "mbar", "undefined", "pa", "M/S"])(
    '"%s" is not one',
    (unit) => {
      expect(isSenmlUnit(unit)).toBe(false);
    },
  );
});
