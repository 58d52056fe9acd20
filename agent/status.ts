import { peekAge } from "./frame/peek.js";
import type { Journal } from "./journal/journal.js";

/** What an operator is told of a board. Not signed: a hint, evidence of nothing. */
export interface Status {
  readonly state: "online";
  readonly boot: number;
  /** Seconds since boot. */
  readonly uptime: number;
  /** Frames that wait to be acknowledged. */
  readonly queue: number;
  /** Seconds since the oldest of them was made: at least, where that was in an earlier boot. 0 where none waits. */
  readonly oldest: number;
  /** Brokers that the board is connected to. */
  readonly brokers: readonly string[];
  /** Frames that were lost, as far as that is not declared yet. */
  readonly dropped: number;
  /** Sectors that failed in this boot, each time. */
  readonly flash: number;
}

/** Seconds since the oldest frame was made, as far as this boot can tell. */
export function oldestAge(journal: Journal, boot: number, uptime: number): number {
  const frame = journal.pending === 0 ? undefined : journal.get(journal.first);
  if (frame === undefined) return 0;
  const age = peekAge(frame);
  return age.boot === boot ? Math.max(0, uptime - age.uptime) : uptime;
}

/** JSON in ASCII, as bytes. */
export function encodeStatus(status: Status, about: object): Uint8Array {
  const text = JSON.stringify({ ...status, ...about });
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    bytes[i] = code < 0x80 ? code : 0x3f;
  }
  return bytes;
}
