/** A longer power is written as one. */
const LONGEST_POWER = 40;

/** mantissa × 10^exponent, exact, without a power where that stays readable. */
export function decimalText(mantissa: number | bigint, exponent: number | bigint): string {
  const power = Number(exponent);
  if (Math.abs(power) > LONGEST_POWER) return `${mantissa}e${exponent}`;
  const sign = mantissa < 0 ? "-" : "";
  const digits = String(mantissa).replace("-", "");
  if (power >= 0) return `${sign}${digits}${mantissa === 0 ? "" : "0".repeat(power)}`;
  const padded = digits.padStart(1 - power, "0");
  return `${sign}${padded.slice(0, power)}.${padded.slice(power)}`;
}
