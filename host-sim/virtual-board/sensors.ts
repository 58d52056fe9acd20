import type { Sensor, SensorSample } from "../../agent/ports/sensor.js";
import { SimulatedSensor } from "../../firmware/sim/simulated.js";

/** Like the SDK's drivers of Sensirion's sensors, which give humidity in percent. */
class PercentSensor implements Sensor {
  readonly #sensor = new SimulatedSensor({});

  get warmUp(): number {
    return 0;
  }

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
export const DRIVERS: Readonly<Record<string, (options: object) => Sensor>> = {
  simulated,
  bme280: () => simulated({}),
  bmp280: () => simulated({}),
  tmp102: () => simulated({}),
  tmp117: () => simulated({}),
  sht3x: percent,
  shtc3: percent,
};
