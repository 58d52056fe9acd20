import type { Sensor, SensorSample } from "../../agent/ports/sensor.js";
import type { SensorConfig } from "../../agent/sampler.js";
import type { SensorSettings } from "../../agent/settings/settings.js";
import { SimulatedSensor } from "../../firmware/sim/simulated.js";

/** Like the SDK's drivers of Sensirion's sensors, which give humidity in percent. */
class PercentSensor implements Sensor {
  readonly #sensor = new SimulatedSensor({});

  configure(): void {}

  sample(): SensorSample | undefined {
    const sample = this.#sensor.sample();
    const ratio = (sample?.hygrometer as SensorSample | undefined)?.humidity;
    return { ...sample, hygrometer: { humidity: 100 * Number(ratio) } };
  }

  close(): void {}
}

const simulated = (options: object) => new SimulatedSensor(options);
const percent = () => new PercentSensor();

/** The sensors that boards have drivers for, so that a real site's settings can be tried; all of them read the same wave. */
const DRIVERS: Readonly<Record<string, (options: object) => Sensor>> = {
  simulated,
  bme280: () => simulated({}),
  bmp280: () => simulated({}),
  tmp102: () => simulated({}),
  tmp117: () => simulated({}),
  sht3x: percent,
  shtc3: percent,
};

export const SENSOR_KINDS: readonly string[] = Object.keys(DRIVERS);

/** Throws RangeError for a kind that there is not. */
export function openSensors(settings: readonly SensorSettings[]): SensorConfig[] {
  return settings.map(({ kind, options, interval, channels, heartbeat }) => {
    const driver = DRIVERS[kind];
    if (driver === undefined) throw new RangeError(`sensors: there is no driver for "${kind}"`);
    return { sensor: driver(options), interval, channels, ...(heartbeat !== undefined && { heartbeat }) };
  });
}
