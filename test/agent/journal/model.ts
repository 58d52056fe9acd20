import type { DroppedRange } from "../../../agent/frame/chain.js";
import type { Journal } from "../../../agent/journal/journal.js";
import { MAX_DECLARED } from "../../../agent/journal/losses.js";
import { covers, type ModelFrame } from "./frames.js";

/** The journal broke a promise. */
export class Violation extends Error {
  constructor(message: string) {
    super(message);
    this.name = "Violation";
  }
}

/**
 * `pending`: durable, to be given out until it is acknowledged; `left`: acknowledged, may come back after a reset and is then
 * sent again; `lost`: no longer there, and something newer may have been appended since.
 */
type State = "pending" | "left" | "lost";

interface Known {
  readonly frame: ModelFrame;
  /** Its append was cut, and it was there nevertheless: bits of it may not have settled, so it may be lost, and declared. */
  readonly shaky: boolean;
  state: State;
  /** Lost, and no frame that declares it has been acknowledged. */
  owed: boolean;
  /** Lost, and something newer is durable: it must not come back. */
  buried: boolean;
}

/** Frames below `next` by this many that left or were lost for good are forgotten. */
const KEPT = 500;

/** What a journal has promised so far, and the checks of it. It outlives the power, as the flash does. */
export class Model {
  /** Sectors wear out in this run: where one fails and its losses cannot be written down, frames may be refused. */
  wears = false;
  /** Id that the next frame gets. */
  next = 0;
  /** Boot and `prev` of the newest frame that is durable. */
  tip: { boot: number; prev: Uint8Array } = { boot: 0, prev: new Uint8Array(16) };
  /** Frames whose `append` was cut. At most one of them may be there after the next recovery. */
  #maybe: ModelFrame[] = [];
  readonly #known = new Map<number, Known>();
  /** The highest sequence signed in each boot. */
  readonly #signed = new Map<number, number>();
  /** Losses that were told to the journal, and no frame was appended since. */
  #told: DroppedRange[] = [];

  /** Before `append` is called. */
  appending(frame: ModelFrame): void {
    this.#signed.set(frame.boot, frame.sequence);
    this.#maybe.push(frame);
  }

  /** `append` threw, and not for want of power. */
  refused(): void {
    this.#maybe.pop();
  }

  /** `append` returned. */
  appended(frame: ModelFrame): void {
    this.#maybe = [];
    this.#told = [];
    this.durable(frame, false);
    this.bury();
  }

  private bury(): void {
    for (const known of this.#known.values()) known.buried ||= known.state === "lost";
  }

  /** Before `acknowledge` is called: from then on the frame may leave, and what it declared counts as declared. */
  acknowledging(id: number): void {
    const known = this.#known.get(id);
    if (known === undefined) return;
    known.state = "left";
    for (const other of this.#known.values())
      if (other.owed && covers(known.frame.declares, other.frame)) other.owed = false;
  }

  /** A frame of that position was signed and not kept. */
  lost(range: DroppedRange): void {
    this.#signed.set(range.boot, range.last);
    this.#told.push(range);
  }

  /** Forgotten with the power. */
  powerLost(): void {
    this.#told = [];
  }

  /** After a recovery. */
  recovered(journal: Journal, bound: number): void {
    if (journal.read > bound) throw new Violation(`recovery read ${journal.read} bytes, more than ${bound}`);
    if (journal.next === this.next + 1) this.promote(journal);
    if (journal.next !== this.next)
      throw new Violation(`the next id is ${journal.next}, not ${this.next}: a durable frame is forgotten`);
    this.tips(journal);
    this.audit(journal);
    let count = 0;
    for (let id = journal.atLeast(0); id >= 0; id = journal.atLeast(id + 1)) {
      this.frame(journal, id);
      this.frame(journal, id);
      if (journal.has(id)) count++;
    }
    if (count !== journal.pending)
      throw new Violation(`pending is ${journal.pending}, and ${count} frames are`);
    this.audit(journal); // reading may have given some up
    this.prune();
  }

  /** That nothing is missing that is not declared. At any time between two calls. */
  audit(journal: Journal): void {
    const { losses, first } = journal;
    for (const known of this.#known.values()) {
      const { frame, state } = known;
      const { id } = frame;
      if (journal.has(id)) {
        if (known.buried)
          throw new Violation(`${name(frame)} was gone, newer ones followed, and it came back`);
        if (state === "lost") {
          known.state = "pending";
          known.owed = false;
        }
        if (losses.length < MAX_DECLARED && state !== "left" && covers(losses, frame))
          throw new Violation(`${name(frame)} is declared lost, and is there`);
        continue;
      }
      if (state === "pending") {
        if (id > first && !known.shaky) throw new Violation(`${name(frame)} is lost, and ${first} is older`);
        known.state = "lost";
        known.owed = true;
      }
      if (known.owed && losses.length < MAX_DECLARED && !covers(losses, frame))
        throw new Violation(`${name(frame)} is neither there nor declared lost`);
    }
    for (const range of this.#told)
      if (losses.length < MAX_DECLARED && !covers(losses, { boot: range.boot, sequence: range.last }))
        throw new Violation(
          `boot ${range.boot}, sequence ${range.last} was told to be lost, and is not declared`,
        );
    for (const { boot, first, last } of losses)
      if (first > last || last > (this.#signed.get(boot) ?? -1))
        throw new Violation(
          `frames ${first} to ${last} of boot ${boot} are declared lost, and were never signed`,
        );
  }

  tips({ boot, prev }: Journal): void {
    if (boot !== this.tip.boot || !same(prev, this.tip.prev))
      throw new Violation(
        `the tip is of boot ${boot} (${hex(prev)}), not of ${this.tip.boot} (${hex(this.tip.prev)})`,
      );
  }

  /** That a pending frame can be had, with its bytes. */
  frame(journal: Journal, id: number): void {
    const known = this.#known.get(id);
    if (known === undefined) throw new Violation(`frame ${id} is pending, and nobody knows it`);
    const bytes = journal.get(id)?.slice();
    if (bytes === undefined) {
      if (known.state === "pending" && !known.shaky)
        throw new Violation(`${name(known.frame)} is pending and cannot be had`);
      return;
    }
    if (!same(bytes, known.frame.bytes))
      throw new Violation(`${name(known.frame)} has other bytes than were appended`);
    if (known.shaky) return; // its bits may read differently from one time to the next
    const position = journal.position(id);
    if (position?.boot !== known.frame.boot || position.sequence !== known.frame.sequence)
      throw new Violation(`${name(known.frame)} has the position ${JSON.stringify(position)}`);
  }

  /** At the end of a run, after everything was acknowledged and declared. */
  settled(journal: Journal): void {
    if (journal.pending > 0)
      throw new Violation(`${journal.pending} frames are pending after all were acknowledged`);
    for (const { frame, owed, state } of this.#known.values())
      if (owed || state === "pending") throw new Violation(`${name(frame)} was never declared lost`);
  }

  /** What was cut is there after all: from now on it is durable, or its loss declared. */
  private promote({ boot, prev }: Journal): void {
    const frame = this.#maybe.find(
      ({ digest, ...position }) => position.boot === boot && same(digest.subarray(0, 16), prev),
    );
    if (frame === undefined) throw new Violation(`frame ${this.next} is there, and was not appended`);
    this.#maybe = [];
    this.durable(frame, true);
    this.bury();
  }

  private durable(frame: ModelFrame, shaky: boolean): void {
    this.next = frame.id + 1;
    this.tip = { boot: frame.boot, prev: frame.digest.slice(0, 16) };
    this.#known.set(frame.id, { frame, shaky, state: "pending", owed: false, buried: false });
  }

  private prune(): void {
    for (const [id, { state, owed }] of this.#known) {
      if (id >= this.next - KEPT) return;
      if (state !== "pending" && !owed) this.#known.delete(id);
    }
  }
}

function name({ id, boot, sequence }: ModelFrame): string {
  return `frame ${id} (boot ${boot}, sequence ${sequence})`;
}

function same(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
