import { InputError } from "../agent/input-error.js";
import type { Sensor, SensorSample } from "../agent/ports/sensor.js";
import type { SensorConfig } from "../agent/sampler.js";
import type { SensorSettings } from "../agent/settings/settings.js";
import type { SensorDriver } from "./platform.js";

/** Milliseconds that a sensor has for its first conversion where its driver does not say: few take longer than a second. */
const WARM_UP = 2000;

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
        throw new InputError(`sensor ${kind}: this board has ${Object.keys(drivers).join(", ")}`);
      return driver(options);
    };
    return { ...config, sensor: new WarmSensor(open) };
  });
}

/**
 * A sensor that gives nothing before it had time for its first conversion: not after it was opened, and not after it was away, for what its
 * register holds then is the reset state. One that fails is opened again, since it may have lost its settings with its power.
 */
class WarmSensor implements Sensor {
  readonly #open: () => Sensor;
  #sensor: Sensor | undefined;
  /** Why it could not be opened at the start, until that was told. */
  #failure: unknown;
  /** Uptime at the first sample since it was opened. */
  #since: number | undefined;

  constructor(open: () => Sensor) {
    this.#open = open;
    try {
      this.#sensor = open();
    } catch (error) {
      this.#failure = error;
    }
  }

  configure(): void {}

  sample(uptime = 0): SensorSample | undefined {
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure !== undefined) throw failure;
    this.#sensor ??= this.#open();
    const { warmUp = WARM_UP } = this.#sensor;
    this.#since ??= uptime;
    if (uptime - this.#since < warmUp) return undefined;
    try {
      return this.#sensor.sample(uptime);
    } catch (error) {
      if (warmUp > 0) this.close();
      throw error;
    }
  }

  close(): void {
    const sensor = this.#sensor;
    this.#sensor = undefined;
    this.#since = undefined;
    try {
      sensor?.close();
    } catch {
      // Some of the SDK's talk to the hardware first, which may not be there.
    }
  }
}
