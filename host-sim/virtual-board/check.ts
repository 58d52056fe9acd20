import { SettingError } from "../../agent/input-error.js";
import type { Settings } from "../../agent/settings/settings.js";

/** Throws SettingError for settings that a simulated board cannot do. */
export function checkSimulated({ brokers }: Settings): void {
  brokers.forEach(({ certificate }, i) => {
    if (certificate !== undefined)
      throw new SettingError(
        `brokers[${i}].certificate`,
        "it is not for a simulated board, which has no TLS",
      );
  });
}
