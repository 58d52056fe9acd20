import { hex, kidOfKey } from "../../agent/cose/kid.js";
import { keyOfDid } from "../../agent/frame/identity.js";
import type { BookDevice } from "../../network/enrolment/book-device.js";
import { isEnded } from "../../network/verify/registry.js";
import { hasher } from "../../node/ports/signer.js";
import { dateText } from "../../text/date-text.js";
import { quoted, visible } from "../../text/visible.js";

/** `unix`: seconds. */
const dateOf = (unix: number) => dateText(1000 * unix) ?? String(unix);
const endOf = ({ absences = [] }: BookDevice) => dateOf(absences[absences.length - 1]?.from ?? 0);
const kidOf = (device: BookDevice) => hex(kidOfKey(keyOfDid(device.did), hasher));

/** A device as its owners have it, in a line. */
export function deviceLine(device: BookDevice): string {
  const { place, owner, entries } = device;
  const called = place.name === undefined ? "" : ` (${visible(place.name)})`;
  const end = isEnded(device) ? `, ended from ${endOf(device)} on` : "";
  const count = `${entries.length} ${entries.length === 1 ? "statement" : "statements"}`;
  return `${kidOf(device)}  ${quoted(place.site)}${called}, owner ${owner}${end}; ${count}`;
}

/** The same with all that there is. */
export function deviceJson(device: BookDevice, file: string): object {
  const { did, owner, place, sensors, configurations, entries, tenures } = device;
  return {
    device: kidOf(device),
    did,
    owner,
    ...place,
    sensors: [...sensors.values()],
    configurations,
    ended: isEnded(device) ? endOf(device) : null,
    tenures: tenures.map(({ from, ...more }) => ({ from: dateOf(from), ...more })),
    statements: entries.map(({ id, kind, date }) => ({ id, kind, date: dateOf(date) })),
    file,
  };
}
