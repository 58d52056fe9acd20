import type { SensorConfig } from "../agent/sampler.js";
import type { SensorSettings } from "../agent/settings/settings.js";
import type { SensorDriver } from "./platform.js";

/** Opens the sensors that are configured. Where one fails, those opened before it are closed again. */
export function openSensors(
  settings: readonly SensorSettings[],
  drivers: { readonly [kind: string]: SensorDriver },
): SensorConfig[] {
  const opened: SensorConfig[] = [];
  try {
    for (const { kind, options, ...config } of settings) {
      const driver = drivers[kind];
      if (driver === undefined)
        throw new RangeError(`sensor ${kind}: this board has ${Object.keys(drivers).join(", ")}`);
      opened.push({ ...config, sensor: driver(options) });
    }
  } catch (error) {
    for (const { sensor } of opened) sensor.close();
    throw error;
  }
  return opened;
}
