import { CborError } from "../cbor/error.js";
import { CborReader } from "../cbor/reader.js";
import { utf8Length } from "../cbor/utf8.js";
import { CborWriter } from "../cbor/writer.js";
import { isSameBytes } from "../cose/kid.js";
import type { KeyValue } from "../ports/key-value.js";

/** Keys: the settings that count, new ones that have not worked yet, whose turn it is, and whether those that count ever worked. */
const IN_FORCE = "settings";
const ON_TRIAL = "settings-new";
const ROUND = "trial";
const WORKED = "worked";
const KEYS = Object.freeze([ON_TRIAL, ROUND, WORKED, IN_FORCE] as const);
const INT = 9;
/** Starts that a round may take: settings that end a board before its time is written down are found out by these. */
export const MOST_STARTS = 5;
const TOO_MANY_STARTS = `${MOST_STARTS} starts without an acknowledgement by a broker`;

/** A turn of the new settings (even numbers), or of those that worked before (odd ones). */
export interface Round {
  number: number;
  /** Boots that it has taken. */
  starts: number;
  /** Milliseconds of them. */
  spent: number;
  /** Whether the new settings have another time server. */
  hasNewTime: boolean;
  /** Why the new settings lost their first turn. */
  reason: string;
}

/**
 * Who changes settings: whoever holds the wire; the owner by an order, or over the wire; or a technician who has brought the board into a
 * Wi-Fi network, which it uses already.
 */
export type Changer = "wire" | "order" | "owner" | "radio";

/**
 * What of its settings a board keeps: those in force, and beside them new ones until they have worked. A power cut at any moment leaves the ones in force
 * whole, and everything here is whole or not at all by the order in which it is written: docs/provisioning.md.
 */
export class SettingsStore {
  readonly #store: KeyValue;
  /** The turn that this boot has; undefined where there are no new settings. */
  #round: Round | undefined;
  #isStale = false;

  constructor(store: KeyValue) {
    this.#store = store;
  }

  /** Counts a start of the round that is under way. Once a boot, before settings are read. */
  begin(): void {
    this.#round = this.pending();
    const round = this.#round;
    if (round === undefined) this.endTrial();
    else if (++round.starts > MOST_STARTS) this.next(TOO_MANY_STARTS);
    else this.write(round);
  }

  get round(): Round | undefined {
    return this.#round;
  }

  /** Whether this boot runs with new settings. */
  get isTried(): boolean {
    return isNew(this.#round);
  }

  /** Whether settings were changed since this boot read them, so that it says nothing of those that are kept now. */
  get isStale(): boolean {
    return this.#isStale;
  }

  /** Whether a broker has acknowledged a frame under the settings in force, ever. */
  get hasWorked(): boolean {
    return this.#store.get(WORKED) !== undefined;
  }

  /** What this boot runs with. */
  get current(): Uint8Array | undefined {
    return this.#store.get(this.isTried ? ON_TRIAL : IN_FORCE);
  }

  /** What a change is made to: new settings that have not had their turn out, else those in force. */
  get latest(): Uint8Array | undefined {
    return this.#store.get(isNew(this.pending()) ? ON_TRIAL : IN_FORCE);
  }

  /**
   * Takes new settings: on trial where the ones before worked, which those did over which an order came. Others count at once, since there is
   * nothing to go back to.
   */
  propose(settings: Uint8Array, hasNewTime: boolean, by: Changer): void {
    const store = this.#store;
    const before = this.pending();
    const isCurrent = by === "radio" && !this.#isStale;
    if (!isCurrent) this.#isStale = true;
    if (by !== "order" && !this.hasWorked) {
      this.endTrial();
      store.set(IN_FORCE, settings);
      return;
    }
    if (isSameBytes(store.get(IN_FORCE), settings)) {
      this.endTrial();
      return;
    }
    const isOtherTime = hasNewTime || (isNew(before) && before?.hasNewTime === true);
    const round = { number: 0, starts: isCurrent ? 1 : 0, spent: 0, hasNewTime: isOtherTime, reason: "" };
    this.write(round);
    store.set(ON_TRIAL, settings);
    if (isCurrent) this.#round = round;
  }

  /** So many milliseconds more of this round have passed. */
  spend(time: number): void {
    const round = this.#round;
    if (round === undefined || this.#isStale) return;
    round.spent += time;
    this.write(round);
  }

  /** The round is over without an acknowledgement: the other settings have the next one. */
  next(reason: string): void {
    const round = this.#round;
    if (round === undefined || this.#isStale) return;
    if (round.number === 0) round.reason = reason;
    round.number++;
    round.starts = 1;
    round.spent = 0;
    this.write(round);
  }

  /** A broker has acknowledged a frame under what this boot runs with: the others are forgotten. Durable when it returns. */
  keep(): void {
    const store = this.#store;
    if (this.isTried) store.set(IN_FORCE, store.get(ON_TRIAL) as Uint8Array);
    this.endTrial();
    if (!this.hasWorked) store.set(WORKED, Uint8Array.of(1));
    this.#round = undefined;
  }

  /** Forgets all settings. */
  forget(): void {
    for (const key of KEYS) this.#store.delete(key);
    this.#isStale = true;
  }

  /** New settings first: without them the round means nothing. */
  private endTrial(): void {
    for (const key of [ON_TRIAL, ROUND] as const)
      if (this.#store.get(key) !== undefined) this.#store.delete(key);
  }

  /** The round as it is kept; undefined where there are no new settings, or where those that count are the same by now. */
  private pending(): Round | undefined {
    const settings = this.#store.get(ON_TRIAL);
    if (settings === undefined || isSameBytes(this.#store.get(IN_FORCE), settings)) return undefined;
    return readRound(this.#store.get(ROUND));
  }

  private write({ number, starts, spent, hasNewTime, reason }: Round): void {
    const writer = new CborWriter(new Uint8Array(6 * INT + utf8Length(reason)));
    writer.array(5);
    writer.int(number);
    writer.int(starts);
    writer.int(spent);
    writer.int(hasNewTime ? 1 : 0);
    writer.text(reason);
    this.#store.set(ROUND, writer.buffer.slice(0, writer.offset));
  }
}

/** One that is missing or damaged is a new one. */
function readRound(stored: Uint8Array | undefined): Round {
  try {
    const reader = new CborReader(stored ?? new Uint8Array(0));
    if (reader.array() !== 5) reader.fail("unexpected", "a round has five parts");
    const number = reader.uint();
    const starts = reader.uint();
    const spent = reader.uint();
    const hasNewTime = reader.uint() !== 0;
    const reason = reader.text();
    reader.finish();
    return { number, starts, spent, hasNewTime, reason };
  } catch (error) {
    if (!(error instanceof CborError)) throw error;
    return { number: 0, starts: 0, spent: 0, hasNewTime: false, reason: "" };
  }
}

/** Whether it is a turn of the new settings. */
function isNew(round: Round | undefined): boolean {
  return round !== undefined && round.number % 2 === 0;
}
