import type { Clock } from "../../agent/ports/clock.js";
import type { Link, LinkHandler } from "../../agent/ports/link.js";
import { FIRST_OTHER_ID, STATUS_ID } from "../../agent/uplink/session.js";

export interface Traffic {
  readonly link: string;
  readonly time: number;
  readonly what: "open" | "opened" | "publish" | "acknowledged" | "refused" | "close" | "closed" | "status";
  /** Of a frame. */
  readonly id?: number;
}

/** A link that writes down all that goes over it. Statuses are no frames: of those only that they were published. */
export function recorded(inner: Link, clock: Clock, log: Traffic[]): Link {
  const note = (what: Traffic["what"], id?: number) =>
    log.push({ link: inner.name, time: clock.uptime(), what, ...(id !== undefined && { id }) });
  return {
    name: inner.name,
    open(handler: LinkHandler) {
      note("open");
      inner.open({
        opened() {
          note("opened");
          handler.opened();
        },
        acknowledged(id) {
          if (id < FIRST_OTHER_ID) note("acknowledged", id);
          handler.acknowledged(id);
        },
        refused(id, reason) {
          if (id < FIRST_OTHER_ID) note("refused", id);
          handler.refused(id, reason);
        },
        closed(reason) {
          note("closed");
          handler.closed(reason);
        },
      });
    },
    publish(id, topic, payload, retain) {
      if (id === STATUS_ID) note("status");
      else if (id < FIRST_OTHER_ID) note("publish", id);
      if (retain !== id >= FIRST_OTHER_ID) throw new Error(`${id} on ${topic}: retain is ${retain}`);
      inner.publish(id, topic, payload, retain);
    },
    close() {
      note("close");
      inner.close();
    },
  };
}

/**
 * Says what is wrong with some traffic: a frame twice in one session, or without one, to more brokers at a time than `copies`,
 * or more frames than `window` on their way. (Told apart only where a frame leaves no broker behind that still owes its
 * acknowledgement: leave `window` out where fewer acknowledgements than copies are enough.)
 */
export function flawsOf(
  log: readonly Traffic[],
  copies: number,
  window = Number.POSITIVE_INFINITY,
): string[] {
  const flaws: string[] = [];
  /** By broker: the frames that it was given, and those of them that it has not acknowledged. */
  const sessions = new Map<string, { readonly given: Set<number>; readonly owed: Set<number> }>();
  for (const { link, what, id } of log) {
    if (what === "open") sessions.set(link, { given: new Set(), owed: new Set() });
    if (what === "close" || what === "closed") sessions.delete(link);
    if (id === undefined) continue;
    const session = sessions.get(link);
    if (session === undefined) {
      flaws.push(`frame ${id}: ${what} at ${link} without a session`);
      continue;
    }
    if (what === "acknowledged") session.owed.delete(id);
    if (what !== "publish") continue;
    if (session.given.has(id)) flaws.push(`frame ${id} went to ${link} twice in a session`);
    session.given.add(id);
    session.owed.add(id);
    const holders = [...sessions.values()].filter(({ given }) => given.has(id)).length;
    if (holders > copies) flaws.push(`frame ${id} is with ${holders} brokers`);
    if (session.owed.size > window) flaws.push(`${session.owed.size} frames are on their way to ${link}`);
  }
  return flaws;
}
