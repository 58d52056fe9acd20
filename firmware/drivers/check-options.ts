import { SettingError } from "../../agent/input-error.js";
import type { Settings } from "../../agent/settings/settings.js";
import { type AnalogOptions, checkAnalog } from "./analog-input.js";
import { checkPulses, type PulseOptions } from "./pulse-counter.js";

/**
 * Throws SettingError for options with which a driver would not measure what it says. Checked as settings are given,
 * so that a board keeps what it has; the drivers check again as they are opened.
 */
export function checkOptions({ sensors }: Pick<Settings, "sensors">): void {
  for (let i = 0; i < sensors.length; i++) {
    const { kind, options } = sensors[i] as Settings["sensors"][number];
    try {
      if (kind === "analog") checkAnalog(options as AnalogOptions);
      if (kind === "pulses" || kind === "quadrature") checkPulses(options as PulseOptions);
    } catch (error) {
      if (!(error instanceof SettingError)) throw error;
      const { setting, allowed } = error;
      throw new SettingError(`sensors[${i}].options.${setting}`, allowed);
    }
  }
}
