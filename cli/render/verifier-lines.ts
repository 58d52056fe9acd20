import type { Missing } from "../../network/verify/missing.js";
import type { Registry } from "../../network/verify/registry.js";
import type { Notice } from "../../network/verify/verifier.js";
import type { Alarm } from "../../network/verify/vigil.js";
import { quoted, visible } from "../../text/visible.js";

// What a running verifier tells, in words.

export function noticeLine(notice: Notice): string | undefined {
  if (notice.type === "stranger")
    return `unknown-device ${notice.judgement.kid}: its frames wait until the registry has it`;
  return `gave up ${notice.frames} frames of devices that are not enrolled: there is no more room for them (--quarantine)`;
}

export function alarmLine(alarm: Alarm, registry: Registry): string {
  if (alarm.type === "unreached")
    return `${visible(alarm.broker)}: not reached for ${alarm.seconds} s (${visible(alarm.reason)})`;
  if (alarm.type === "clock-right") return "this machine's clock and those of the boards agree again";
  if (alarm.type === "clock") {
    const how = `${Math.abs(alarm.seconds)} s ${alarm.seconds < 0 ? "behind" : "ahead of"}`;
    return `this machine's clock is plainly wrong: it is ${how} those of ${alarm.boards} of ${alarm.of} boards. Set it: what is "future" is judged by it`;
  }
  const who = boardOf(alarm.kid, registry);
  return alarm.type === "back"
    ? `${who} is back: it was silent for ${alarm.seconds} s`
    : `${who} is silent: nothing for ${alarm.seconds} s, and a reading each ${alarm.cadence} s is enrolled`;
}

/** `isReached`: every broker is. */
export function missingLine(kid: string, missing: Missing, registry: Registry, isReached: boolean): string {
  const { before, after, ranges, fate } = missing;
  const who = boardOf(kid, registry);
  const where = ranges.map(
    ({ boot, first, last }) => `boot ${boot}, ${first}${last > first ? ` to ${last}` : ""}`,
  );
  const count = ranges.reduce((sum, { first, last }) => sum + last - first + 1, 0);
  const what =
    count === 0
      ? `frames between boot ${before.boot}, ${before.sequence} and boot ${after.boot}, ${after.sequence} are`
      : `${count} ${count === 1 ? "frame" : "frames"} (${where.join("; ")}) ${count === 1 ? "is" : "are"}`;
  if (fate.type === "left-out")
    return `${who}: ${what} missing that the board left out: it declared the loss in boot ${fate.by.boot}, ${fate.by.sequence}`;
  if (fate.type === "queued")
    return `${who}: ${what} missing. The board says that it still has frames from then: ${fate.queue} wait for a broker`;
  const or = isReached ? "" : ", or they wait at a broker that is not reached";
  return `${who}: ${what} missing that the board says its brokers took: lost after that, at a broker or on the way${or}`;
}

function boardOf(kid: string, registry: Registry): string {
  return `${quoted(registry.device(kid)?.site ?? "")} (${visible(kid)})`;
}

export function changes(before: Registry, after: Registry): string {
  const added = [...after.kids()].filter((kid) => before.device(kid) === undefined);
  const removed = [...before.kids()].filter((kid) => after.device(kid) === undefined);
  const parts = [
    added.length > 0 ? `${named(added, after)} enrolled` : "",
    removed.length > 0 ? `${named(removed, before)} no longer enrolled` : "",
  ];
  return parts.filter(Boolean).join(", ") || `read again, the same ${after.size} devices`;
}

/** Devices that are named one by one. */
const NAMED = 5;

function named(kids: readonly string[], registry: Registry): string {
  if (kids.length > NAMED) return `${kids.length} devices`;
  return kids.map((kid) => boardOf(kid, registry)).join(", ");
}
