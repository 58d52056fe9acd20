import type { SensorConfig } from "../../../agent/sampler.js";

/** Sensors that have nothing to say while `isSilent`. `failed` hears of those that throw. */
export function sickSensors(
  sensors: readonly SensorConfig[],
  isSilent: () => boolean,
  failed: () => void = () => {},
): SensorConfig[] {
  return sensors.map((config) => ({
    ...config,
    sensor: {
      configure: (options) => config.sensor.configure(options),
      close: () => config.sensor.close(),
      sample() {
        if (isSilent()) return undefined;
        try {
          return config.sensor.sample();
        } catch (error) {
          failed();
          throw error;
        }
      },
    },
  }));
}
