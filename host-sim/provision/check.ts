import type { Settings } from "../../agent/settings/settings.js";

const LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:";

/** Throws RangeError for settings that a simulated board cannot do. */
export function checkSimulated({ brokers }: Settings): void {
  brokers.forEach(({ host, certificate }, i) => {
    if (certificate !== undefined)
      throw new RangeError(`brokers[${i}].certificate: it is not for a simulated board, which has no TLS`);
    for (const letter of host)
      if (!LETTERS.includes(letter))
        throw new RangeError(`brokers[${i}].host: it is not a host name or address`);
  });
}
