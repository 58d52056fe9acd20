/** `value`, where the sensor can measure it by its data sheet. Anything else, NaN too, is a fault and no reading. */
export function within(quantity: string, value: number, low: number, high: number): number {
  if (value >= low && value <= high) return value;
  throw new Error(
    `${quantity} of ${Math.round(value * 100) / 100} is outside of the sensor's range, ${low} to ${high}`,
  );
}
