import type { Clock } from "../../agent/ports/clock.js";
import type { Link, LinkHandler } from "../../agent/ports/link.js";

export interface Traffic {
  readonly link: string;
  readonly time: number;
  readonly what: "open" | "opened" | "publish" | "acknowledged" | "refused" | "close" | "closed";
  /** Of a publication. */
  readonly id?: number;
}

/** A link that writes down all that goes over it. */
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
        acknowledged(id, kept) {
          note(kept ? "acknowledged" : "refused", id);
          handler.acknowledged(id, kept);
        },
        closed(reason) {
          note("closed");
          handler.closed(reason);
        },
      });
    },
    publish(id, topic, payload) {
      note("publish", id);
      inner.publish(id, topic, payload);
    },
    close() {
      note("close");
      inner.close();
    },
  };
}

/**
 * Says what is wrong with some traffic: a frame twice in one session, or to more brokers at a time than `copies`, or
 * before an older one without need. The one need is that the older frame's session with another broker ended since.
 */
export function flawsOf(log: readonly Traffic[], copies: number): string[] {
  const flaws: string[] = [];
  const sessions = new Map<string, Map<number, number>>();
  const freed = new Map<number, number>();
  for (const [at, { link, what, id }] of log.entries()) {
    if (what === "open") sessions.set(link, new Map());
    if (what === "close" || what === "closed") {
      for (const held of sessions.get(link)?.keys() ?? []) freed.set(held, at);
      sessions.delete(link);
    }
    if (what !== "publish" || id === undefined) continue;
    const session = sessions.get(link);
    if (session === undefined) {
      flaws.push(`frame ${id} was published to ${link} without a session`);
      continue;
    }
    if (session.has(id)) flaws.push(`frame ${id} went to ${link} twice in a session`);
    for (const [later, when] of session)
      if (later > id && !((freed.get(id) ?? -1) > when))
        flaws.push(`frame ${id} went to ${link} after ${later}`);
    session.set(id, at);
    const holders = [...sessions.values()].filter((one) => one.has(id)).length;
    if (holders > copies) flaws.push(`frame ${id} is with ${holders} brokers`);
  }
  return flaws;
}
