import type { Settings } from "../../agent/settings/settings.js";

/** Throws RangeError for settings that a simulated board cannot do. */
export function checkSimulated({ brokers }: Settings): void {
  brokers.forEach(({ certificate }, i) => {
    if (certificate !== undefined)
      throw new RangeError(`brokers[${i}].certificate: it is not for a simulated board, which has no TLS`);
  });
}
