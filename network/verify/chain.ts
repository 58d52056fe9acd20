import { hex } from "../../agent/cose/kid.js";
import { CLOCK_UNSET, comparePositions } from "../../agent/frame/chain.js";
import type { Frame } from "../../agent/frame/parse.js";
import { isDeclared } from "./declared.js";
import { ForgottenFrames } from "./forgotten.js";
import { Gaps, NOTHING_BEFORE, type Tip } from "./gaps.js";
import type { Fate, Missing } from "./missing.js";
import { PositionRanges } from "./position-ranges.js";
import { SeenFrames } from "./seen.js";
import type { BoardStatus } from "./status.js";

/** How a frame continues its device's chain. */
export type Continuation =
  | "first" // the device's first frame ever: nothing comes before it
  | "joined" // the first frame this judge saw of a device that had signed before, or one of the first
  | "linked" // `prev` is the hash of the frame before it
  | "declared-gap" // frames are missing, and the device said that it lost them
  | "broken";

/** What a frame is beside those that came before it. */
export type FrameStanding =
  | "new"
  | "passed" // it never came before, and its place in the chain was passed
  | "duplicate"
  | "equivocation"
  | "late"; // a frame came for its place, and which is remembered no longer

export interface ChainFrame {
  /** Not read any more once the frame was added. */
  readonly frame: Frame;
  /** First 16 bytes of SHA-256 of the frame, in hex. */
  readonly hash: string;
  /** Bytes that it takes while it waits. Left out: as many as the frame has. */
  readonly takes?: number;
  /** It was judged in an earlier run: nobody asks once more what became of the frames that are missing before it. */
  readonly isOld?: boolean;
}

export interface Settled<T> {
  readonly item: T;
  readonly link: Continuation;
  /** Where it is broken: it names a frame, or the beginning, that others follow already. */
  readonly isFork?: boolean;
}

/** Frames that are remembered of a device, to know duplicates and equivocation by; and how many stretches of them without a gap. */
const REMEMBERED = 4096;
const RUNS = 256;
/**
 * Bytes that a device's frames may take that wait for what comes before them: some 1,500 small ones. A board that was cut off for a
 * day sends the newest of its journal while the oldest are still on their way.
 */
const WAITING_BYTES = 1 << 20;
/** Ranges of declared losses that are remembered until their gaps are passed. Of more, those that were signed last are not. A board has 16. */
const LOSSES = 256;
/** Frames of a device that contradict others, and are kept as evidence: one proves it. */
const EVIDENCE = 16;
/**
 * Gaps of a device that are excused because they begin before anybody listened. What a board has in
 * its journal then may have some: brokers acknowledge frames in any order.
 */
const EXCUSED = 16;
/** Hashes that are forgotten at a time, where there is no room. */
const FORGOTTEN = 64;
const NO_NEWS: Missing[] = [];
/** What a device without frames takes, on V8. */
const CHAIN = 1500;

interface Waiting<T> {
  readonly item: T;
  readonly link: Tip;
  readonly prev: string;
  readonly takes: number;
  readonly isOld: boolean;
}

/**
 * One device's chain, as far as it is known. Frames come in any order (brokers race each other); they are handed
 * out in the order of signing. A frame whose predecessor is missing waits for it, or for a later frame that
 * declares the loss; when too many wait, or on `giveUp`, the first of them is handed out as it is, and the chain goes
 * on from there. What comes after its place was passed is linked to the frames beside it, where it can be.
 *
 * Only frames with a good signature may be added. Whatever a device signs, a frame costs no more than a search by halves, and
 * moving what is bounded.
 */
export class DeviceChain<T extends ChainFrame> {
  #tip: Tip | undefined;
  readonly #seen = new SeenFrames();
  /** Made when there is something. */
  #forgotten: ForgottenFrames | undefined;
  #gaps: Gaps<Waiting<T>> | undefined;
  #evidence: Set<string> | undefined;
  /** In the order of signing. */
  #waiting: Waiting<T>[] = [];
  #waitingBytes = 0;
  /** Frames that came for declared gaps, and may not belong there. */
  #held = 0;
  #heldBytes = 0;
  readonly #losses = new PositionRanges();
  /** The last that came, and when. */
  #heard: { readonly status: BoardStatus; readonly at: number } | undefined;
  readonly #room: number;
  readonly #since: number;
  /** Gaps that are excused yet, since the chain was joined. */
  #excused = 0;

  /**
   * `room`: bytes that frames may take which wait. `since`: when somebody began to listen, in Unix
   * seconds: where the chain is joined, what is missing behind a frame from before that is no fault.
   */
  constructor(room = WAITING_BYTES, since = Number.NEGATIVE_INFINITY) {
    this.#room = room;
    this.#since = since;
  }

  /** Nothing was handed out yet. */
  get isNew(): boolean {
    return this.#tip === undefined;
  }

  /** Frames that wait for what comes before them. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** Frames that wait for what comes beside them in a gap. */
  get held(): number {
    return this.#held;
  }

  /** What all that is known of the device takes, about. */
  get bytes(): number {
    const forgotten = this.#forgotten?.bytes ?? 0;
    const known = this.#seen.bytes + forgotten + this.#losses.bytes + (this.#gaps?.bytes ?? 0);
    return CHAIN + known + this.#waitingBytes + this.#heldBytes;
  }

  standing({ frame, hash }: ChainFrame): FrameStanding {
    const isSame = this.#seen.has(frame, hash);
    if (isSame !== undefined) return isSame ? "duplicate" : "equivocation";
    if (this.#forgotten?.has(frame) === true) return "late";
    if (this.#tip === undefined || comparePositions(frame, this.#tip) >= 0) return "new";
    return this.#gaps?.contradicts(frame, hash) === true ? "equivocation" : "passed";
  }

  /** Whether a frame that contradicts another is to be kept: the device's first few are, once. */
  isEvidence({ hash }: ChainFrame): boolean {
    return this.#evidence?.has(hash) !== true && (this.#evidence?.size ?? 0) < EVIDENCE;
  }

  /** It is kept. */
  keepEvidence({ hash }: ChainFrame): void {
    this.#evidence ??= new Set();
    this.#evidence.add(hash);
  }

  /** The frames on either side of a place that was passed. */
  around(frame: Frame): { readonly before: Tip | undefined; readonly after: Tip } | undefined {
    return this.#gaps?.around(frame);
  }

  /**
   * Takes a frame whose place was passed. Whether it is linked to a frame beside it; undefined where it is held until it is known, as
   * it came for a gap that was declared. `filled`: is given what was held until now, and is known to be linked.
   */
  fill(item: T, filled?: (item: T) => void): boolean | undefined {
    const waiting = this.#remember(item);
    this.#gaps ??= new Gaps();
    const linked = this.#gaps.fill(waiting, waiting.link, waiting.prev);
    if (linked === undefined) return false;
    const isLinked = linked.includes(waiting);
    if (!isLinked) {
      this.#held++;
      this.#heldBytes += waiting.takes;
    }
    for (const one of linked) if (one !== waiting) filled?.(this.#letGo(one));
    return isLinked ? true : undefined;
  }

  /** Hands out all that is held for gaps: what is missing beside it will not come. */
  release(): T[] {
    return (this.#gaps?.release() ?? []).map((one) => this.#letGo(one));
  }

  /** Too much is held, or waits. */
  get isOverfull(): boolean {
    return this.#waitingBytes + this.#heldBytes > this.#room;
  }

  /** What a frame that was added declares of frames that are missing since earlier. */
  declared({ dropped, boot, sequence }: Frame): Missing[] {
    return dropped.length === 0 ? [] : (this.#gaps?.declare(dropped, { boot, sequence }) ?? []);
  }

  /** The board says, unsigned, how it does. Moves nothing but what is told of missing frames. */
  hear(status: BoardStatus, now: number): void {
    this.#heard = { status, at: now };
    this.#gaps?.hear(status, now);
  }

  /** News of missing frames, as the board has it; of what it handed on, where it said so until `given`. */
  look(given: number): Missing[] {
    if (this.#gaps === undefined || this.#heard === undefined) return NO_NEWS;
    return this.#gaps.look(this.#heard.status, this.#heard.at, given);
  }

  /** What is known of each gap that no loss explained. */
  get fates(): (Fate["type"] | undefined)[] {
    return this.#gaps?.fates ?? [];
  }

  /** Takes a frame that is new. `settled` hands it out, now or later. Whether it came before one that waits: a gap is being filled. */
  add(item: T): boolean {
    const waiting = this.#remember(item);
    for (const range of item.frame.dropped) {
      this.#losses.add(range);
      if (this.#losses.size > LOSSES) this.#losses.removeLast();
    }
    return this.#insert(waiting);
  }

  /** Hands out what can be judged now, in the order of signing. */
  *settled(): Generator<Settled<T>> {
    for (;;) {
      const first = this.#waiting[0];
      if (first === undefined) return;
      const link = this.#linkOf(first);
      if (link !== undefined) yield this.#handOut(first, link);
      else if (this.isOverfull) yield this.#handOutAnyway(first);
      else return;
    }
  }

  /**
   * Hands out all that waits: what is missing will not come. "old": as long as the first was judged
   * in an earlier run.
   */
  *giveUp(which: "all" | "old" = "all"): Generator<Settled<T>> {
    for (
      let first = this.#waiting[0];
      first !== undefined && (which === "all" || first.isOld);
      first = this.#waiting[0]
    )
      yield this.#handOutAnyway(first);
  }

  /** Forgets some of what is only remembered, the oldest first. False where nothing is left to forget. */
  forget(): boolean {
    if (this.#seen.size === 0 && (this.#gaps?.size ?? 0) === 0) return false;
    for (let left = Math.min(FORGOTTEN, this.#seen.size); left > 0; left--) this.#forgetFirst();
    this.#gaps?.forget();
    return true;
  }

  #handOutAnyway(first: Waiting<T>): Settled<T> {
    const link = this.#linkOf(first, true) ?? (this.#joins(first) ? "joined" : "broken");
    return this.#handOut(first, link);
  }

  /** Whether the chain is followed from this frame on, of which nobody knows what it follows. */
  #joins({ prev, isOld }: Waiting<T>): boolean {
    if (this.#tip === undefined) {
      if (!isOld) this.#excused = EXCUSED;
      return true;
    }
    const { clock, time } = this.#tip;
    const isBefore = clock !== CLOCK_UNSET && (time as number) < this.#since;
    if (!isBefore || this.#excused === 0 || this.#isFork(prev)) return false;
    this.#excused--;
    return true;
  }

  #handOut({ item, link: place, prev, takes, isOld }: Waiting<T>, link: Continuation): Settled<T> {
    this.#waiting.shift();
    this.#waitingBytes -= takes;
    if (this.#waiting.length === 0) this.#waiting = []; // without the room that it had
    const isFork = link === "broken" && prev !== this.#tip?.hash && this.#isFork(prev);
    if (link !== "first" && link !== "linked") this.#open(place, prev, link, isOld);
    this.#tip = place;
    this.#losses.removeThrough(place);
    return isFork ? { item, link, isFork } : { item, link };
  }

  /** Before the frame something is missing that may still come. */
  #open(place: Tip, prev: string, link: Continuation, isOld: boolean): void {
    const tip = this.#tip;
    if (tip !== undefined && place.boot === tip.boot && place.sequence === tip.sequence + 1) return;
    this.#gaps ??= new Gaps();
    const losses = link === "broken" && !isOld ? this.#losses : undefined;
    const type = link === "declared-gap" ? "declared" : "undeclared";
    this.#gaps.open(tip, place, prev, { type, losses });
  }

  /** Undefined: cannot be said yet. */
  #linkOf({ link: place, prev }: Waiting<T>, isLast = false): Continuation | undefined {
    const tip = this.#tip;
    if (tip === undefined) return prev === NOTHING_BEFORE && place.sequence === 0 ? "first" : undefined;
    const follows = place.boot === tip.boot && place.sequence === tip.sequence + 1;
    if (prev === tip.hash) {
      const next = follows || (place.boot !== tip.boot && place.sequence === 0);
      if (next || isDeclared(this.#losses, tip, place)) return "linked";
      return isLast ? "broken" : undefined; // numbers were passed over, and a later frame may say so
    }
    // Nothing is missing between the two: no frame and no declaration that may come would mend it.
    if (follows) return "broken";
    // Frames of boots between the two may still be on their way, beside those that are lost.
    if (place.boot !== tip.boot && !isLast) return undefined;
    if (!isDeclared(this.#losses, tip, place)) return undefined;
    // What it follows is said to be lost. A frame that came is not.
    return this.#isFork(prev) ? "broken" : "declared-gap";
  }

  /** Whether `prev` is of a frame that others follow, or of none: a device has one first frame. */
  #isFork(prev: string): boolean {
    return prev === NOTHING_BEFORE || this.#seen.knows(prev);
  }

  #insert(waiting: Waiting<T>): boolean {
    const at = this.#placeFor(waiting.link);
    this.#waiting.splice(at, 0, waiting);
    this.#waitingBytes += waiting.takes;
    return at + 1 < this.#waiting.length;
  }

  /** Most often it is the end. */
  #placeFor(link: Tip): number {
    let low = 0;
    let high = this.#waiting.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (comparePositions((this.#waiting[middle] as Waiting<T>).link, link) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #letGo({ item, takes }: Waiting<T>): T {
    this.#held--;
    this.#heldBytes -= takes;
    return item;
  }

  #remember(item: T): Waiting<T> {
    const { frame, hash, isOld = false, takes = frame.bytes.length } = item;
    this.#seen.add(frame, hash);
    while (this.#seen.size > REMEMBERED || this.#seen.runs > RUNS) this.#forgetFirst();
    return { item, link: linkTo(frame, hash), prev: prevOf(frame), takes, isOld };
  }

  #forgetFirst(): void {
    this.#forgotten ??= new ForgottenFrames();
    this.#forgotten.add(this.#seen.forgetFirst());
  }
}

function linkTo({ boot, sequence, uptime, clock, time }: Frame, hash: string): Tip {
  return { boot, sequence, uptime, clock, time, hash };
}

function prevOf({ prev }: Frame): string {
  return hex(prev);
}
