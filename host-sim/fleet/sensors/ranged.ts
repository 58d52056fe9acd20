import type { SensorSample } from "../../../agent/ports/sensor.js";
import { valueAt } from "../../../agent/sampler.js";
import type { ChannelSetup } from "./setup.js";

/** A sample, where all that it has is within the ranges of its channels. Anything else is a fault, and throws. */
export function ranged(
  sample: SensorSample | undefined,
  channels: readonly ChannelSetup[],
): SensorSample | undefined {
  if (sample === undefined) return undefined;
  for (const { property, name, min, max } of channels) {
    const value = valueAt(sample, property);
    if (value !== undefined && !((value as number) >= min && (value as number) <= max))
      throw new Error(`${name} of ${value} is outside of its range, ${min} to ${max}`);
  }
  return sample;
}
