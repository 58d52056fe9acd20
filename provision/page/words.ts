import { visible } from "../../text/visible.js";
import type { TextKey } from "./texts/texts.js";

/** `ESP32-C3`, as it stands on the board, of `esp32c3`. */
export function chipFamily(chip: string): string {
  return chip.toUpperCase().replace(/^ESP32(?=.)/, "ESP32-");
}

/** Parts of a whole, by SenML unit (RFC 8428 §12.1, RFC 8798): how many make 1. */
const PARTS: ReadonlyMap<string, number> = new Map([
  ["/", 1],
  ["%RH", 100],
  ["%EL", 100],
  ["/100", 100],
]);

/** As people write SenML's units, where that is another way: how many of SenML's make one, and its sign. */
const SIGNS: ReadonlyMap<string, readonly [number, string]> = new Map<string, readonly [number, string]>([
  ["Cel", [1, "°C"]],
  ["Cel/s", [1, "°C/s"]],
  ["Pa", [100, "hPa"]],
  ["Ohm", [1, "Ω"]],
  ["lx", [1, "lx"]],
  ["m2", [1, "m²"]],
  ["m3", [1, "m³"]],
  ["m3/s", [1, "m³/s"]],
  ["m/s2", [1, "m/s²"]],
  ["kg/m3", [1, "kg/m³"]],
  ["W/m2", [1, "W/m²"]],
  ["ug/m3", [1, "µg/m³"]],
  ["deg", [1, "°"]],
  ["lat", [1, "°"]],
  ["lon", [1, "°"]],
]);

/** Digits behind the point that anybody reads. */
const DIGITS = 2;

/** A reading as people say it: humidity in per cent, pressure in hPa. `tag`: of the language, BCP 47. */
export function valueText(value: number, unit: string, tag: string): string {
  const whole = PARTS.get(unit);
  if (whole !== undefined)
    return (value / whole).toLocaleString(tag, { style: "percent", maximumFractionDigits: DIGITS });
  const [size, sign] = SIGNS.get(unit) ?? [1, visible(unit)];
  return `${(value / size).toLocaleString(tag, { maximumFractionDigits: DIGITS })}\u00a0${sign}`;
}

/** Names of quantities that have a word in each language; others are said as the site file has them. */
export const QUANTITIES: Readonly<Record<string, TextKey>> = {
  temperature: "quantityTemperature",
  humidity: "quantityHumidity",
  pressure: "quantityPressure",
};
