import type { Frame } from "../../agent/frame/parse.js";
import { toNumber } from "./judgement.js";
import type { Enrolled } from "./registry.js";

/**
 * Seconds by which a device may have measured before it was enrolled: whoever sets it up enrols it
 * when it runs.
 */
const BEFORE_ENROLMENT = 86_400;

/**
 * Why the readings of a frame are not those of the device as it is enrolled. `time`: Unix seconds;
 * null: nothing dates it.
 */
export function readingReason(enrolled: Enrolled, frame: Frame, time: number | null): string | undefined {
  return earlyReason(enrolled, time) ?? rangeReason(enrolled, frame);
}

function earlyReason({ since }: Enrolled, time: number | null): string | undefined {
  if (since === undefined || time === null || time >= since - BEFORE_ENROLMENT) return undefined;
  return `dated ${Math.round(since - time)} s before the device was enrolled`;
}

function rangeReason(enrolled: Enrolled, frame: Frame): string | undefined {
  for (const pack = frame.readings.walk(); pack.next(); ) {
    const { name, unit } = pack;
    const sensor = enrolled.sensors.get(name);
    if (sensor === undefined) return `not enrolled for "${name}"`;
    if (sensor.unit !== unit) return `"${name}" is in ${unit}, enrolled in ${sensor.unit}`;
    const value = toNumber(pack);
    if (value < sensor.min || value > sensor.max)
      return `"${name}" is ${value} ${sensor.unit}, enrolled for ${sensor.min} to ${sensor.max}`;
  }
  return undefined;
}
