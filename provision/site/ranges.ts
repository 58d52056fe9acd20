import type { MeasuredQuantity } from "../../agent/provision/host.js";
import type { EnrolledSensor } from "../../network/verify/registry.js";
import type { Ranges } from "../operations/reading.js";
import type { Site } from "./site.js";

/** What is believed of a quantity where the site file says nothing: what may be on Earth's surface. By SenML unit. */
const BELIEVABLE: Readonly<Record<string, readonly [number, number]>> = {
  Cel: [-90, 90],
  K: [180, 365],
  "%RH": [0, 100],
  "/": [0, 1],
  Pa: [30_000, 110_000],
  hPa: [300, 1100],
  lx: [0, 200_000],
  V: [-1000, 1000],
};
const ANYTHING = [-1e9, 1e9] as const;

/** What a registry says of a board's sensors: what it states that it measures, within what the site file believes. */
export function enrolledSensors(
  quantities: readonly MeasuredQuantity[],
  site: Pick<Site, "sensors">,
): EnrolledSensor[] {
  const channels = new Map(
    (site.sensors ?? []).flatMap((sensor) =>
      sensor.channels.map((channel) => [channel.name, channel] as const),
    ),
  );
  return quantities.map(({ name, unit, interval }) => {
    const [least, most] = (Object.hasOwn(BELIEVABLE, unit) ? BELIEVABLE[unit] : undefined) ?? ANYTHING;
    const { min = least, max = most } = channels.get(name) ?? {};
    return { name, unit, min, max, cadence: interval / 1000 };
  });
}

/** The same for the first reading. */
export function rangesOf(sensors: readonly EnrolledSensor[]): Ranges {
  return new Map(sensors.map(({ name, unit, min, max }) => [name, { unit, min, max }]));
}
