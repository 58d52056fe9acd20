import type { Sensor, SensorSample } from "../agent/ports/sensor.js";
import type { SensorConfig } from "../agent/sampler.js";
import type { SensorSettings } from "../agent/settings/settings.js";
import type { SensorDriver } from "./platform.js";

/**
 * Opens the sensors that are configured. One that does not answer, or whose driver there is not, fails at each sample, and is tried again
 * from the second on: it keeps neither the board nor the others from starting.
 */
export function openSensors(
  settings: readonly SensorSettings[],
  drivers: { readonly [kind: string]: SensorDriver },
): SensorConfig[] {
  return settings.map(({ kind, options, ...config }) => {
    const open = () => {
      const driver = drivers[kind];
      if (driver === undefined)
        throw new RangeError(`sensor ${kind}: this board has ${Object.keys(drivers).join(", ")}`);
      return driver(options);
    };
    try {
      return { ...config, sensor: open() };
    } catch (error) {
      return { ...config, sensor: new AbsentSensor(open, error) };
    }
  });
}

/** A sensor that could not be opened. */
class AbsentSensor implements Sensor {
  readonly #open: () => Sensor;
  #sensor: Sensor | undefined;
  /** Why it could not, until that was told. */
  #failure: unknown;

  constructor(open: () => Sensor, failure: unknown) {
    this.#open = open;
    this.#failure = failure;
  }

  configure(): void {}

  sample(): SensorSample | undefined {
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure !== undefined) throw failure;
    this.#sensor ??= this.#open();
    return this.#sensor.sample();
  }

  close(): void {
    this.#sensor?.close();
  }
}
