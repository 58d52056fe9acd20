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
  return earlyReason(enrolled, time) ?? absenceReason(enrolled, time) ?? rangeReason(enrolled, frame, time);
}

function earlyReason({ since }: Enrolled, time: number | null): string | undefined {
  if (since === undefined || time === null || time >= since - BEFORE_ENROLMENT) return undefined;
  return `dated ${Math.round(since - time)} s before the device was enrolled`;
}

/** What was dated before the end stays as good as it was. */
function absenceReason({ absences = [] }: Enrolled, time: number | null): string | undefined {
  if (time === null) return undefined;
  const absence = absences.find(({ from, to }) => time >= from && time < to - BEFORE_ENROLMENT);
  return absence && `dated ${Math.round(time - absence.from)} s after the device was ended`;
}

/** Undated readings are held to what is enrolled now. */
function sensorsAt({ formerly = [], sensors }: Enrolled, time: number | null): Enrolled["sensors"] {
  if (time === null) return sensors;
  return formerly.find(({ until }) => time < until)?.sensors ?? sensors;
}

function rangeReason(enrolled: Enrolled, frame: Frame, time: number | null): string | undefined {
  const sensors = sensorsAt(enrolled, time);
  for (const pack = frame.readings.walk(); pack.next(); ) {
    const { name, unit } = pack;
    const sensor = sensors.get(name);
    if (sensor === undefined) return `not enrolled for "${name}"`;
    if (sensor.unit !== unit) return `"${name}" is in ${unit}, enrolled in ${sensor.unit}`;
    const value = toNumber(pack);
    if (value < sensor.min || value > sensor.max)
      return `"${name}" is ${value} ${sensor.unit}, enrolled for ${sensor.min} to ${sensor.max}`;
  }
  return undefined;
}
