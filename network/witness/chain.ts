import { comparePositions, type DroppedRange } from "../../agent/frame/chain.js";
import type { Frame } from "../../agent/frame/parse.js";
import { isDeclared } from "./declared.js";
import { ForgottenFrames } from "./forgotten.js";
import { Gaps, NOTHING_BEFORE, type Link as Tip } from "./gaps.js";
import type { Fate, Missing } from "./missing.js";
import { SeenFrames } from "./seen.js";
import type { BoardStatus } from "./status.js";

/** How a frame continues its device's chain. */
export type Link =
  | "first" // the device's first frame ever: nothing comes before it
  | "joined" // the first frame this judge saw of a device that had signed before
  | "linked" // `prev` is the hash of the frame before it
  | "declared-gap" // frames are missing, and the device said that it lost them
  | "broken";

/** What a frame is beside those that came before it. */
export type Standing =
  | "new"
  | "passed" // it never came before, and its place in the chain was passed
  | "duplicate"
  | "equivocation"
  | "late"; // a frame came for its place, and which is remembered no longer

export interface ChainFrame {
  readonly frame: Frame;
  /** First 16 bytes of SHA-256 of the frame, in hex. */
  readonly hash: string;
  /** It was judged in an earlier run: nobody asks once more what became of the frames that are missing before it. */
  readonly isOld?: boolean;
}

export interface Settled<T> {
  readonly item: T;
  readonly link: Link;
}

/** Frames that are remembered of a device, to know duplicates and equivocation by. */
const REMEMBERED = 4096;
/**
 * Bytes of a device's frames that may wait for what comes before them: some 1,500 frames. A board that was cut off for a day sends the
 * newest of its journal while the oldest are still on their way.
 */
const WAITING_BYTES = 256 * 1024;

/**
 * One device's chain, as far as it is known. Frames come in any order (brokers race each other); they are handed
 * out in the order of signing. A frame whose predecessor is missing waits for it, or for a later frame that
 * declares the loss; when too many wait, or on `giveUp`, the first of them is handed out as it is, and the chain goes
 * on from there. What comes after its place was passed is linked to the frames beside it, where it can be.
 *
 * Only frames with a good signature may be added.
 */
export class DeviceChain<T extends ChainFrame> {
  #tip: Tip | undefined;
  readonly #seen = new SeenFrames();
  /** Made when there is something. */
  #forgotten: ForgottenFrames | undefined;
  #gaps: Gaps | undefined;
  /** In the order of signing. */
  #waiting: T[] = [];
  #waitingBytes = 0;
  #losses: DroppedRange[] = [];
  /** The last that came, and when. */
  #heard: { readonly status: BoardStatus; readonly at: number } | undefined;
  readonly #room: number;

  /** `room`: bytes of frames that may wait. */
  constructor(room = WAITING_BYTES) {
    this.#room = room;
  }

  /** Nothing was handed out yet. */
  get isNew(): boolean {
    return this.#tip === undefined;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  standing({ frame, hash }: ChainFrame): Standing {
    const isSame = this.#seen.has(frame, hash);
    if (isSame !== undefined) return isSame ? "duplicate" : "equivocation";
    if (this.#forgotten?.has(frame) === true) return "late";
    return this.#tip !== undefined && comparePositions(frame, this.#tip) < 0 ? "passed" : "new";
  }

  /** Takes a frame whose place was passed. Whether it is linked to a frame beside it. */
  fill(item: T): boolean {
    const { frame, hash } = item;
    this.#remember(item);
    this.#gaps ??= new Gaps();
    return this.#gaps.fill(linkTo(frame, hash), prevOf(frame));
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
    const { status, at } = this.#heard ?? {};
    if (this.#gaps === undefined || status === undefined || at === undefined) return [];
    this.#gaps.hear(status, at); // it may have come before the gap was given up
    return this.#gaps.look(status, given);
  }

  /** What is known of each gap that no loss explained. */
  get fates(): (Fate["type"] | undefined)[] {
    return this.#gaps?.fates ?? [];
  }

  /** Takes a frame that is new. `settled` hands it out, now or later. Whether it came before one that waits: a gap is being filled. */
  add(item: T): boolean {
    this.#remember(item);
    for (const range of item.frame.dropped)
      if (!this.#losses.some((known) => sameRange(known, range))) this.#losses = [...this.#losses, range];
    return this.#insert(item);
  }

  /** Hands out what can be judged now, in the order of signing. */
  *settled(): Generator<Settled<T>> {
    for (;;) {
      const item = this.#waiting[0];
      if (item === undefined) return;
      let link = this.#linkOf(item);
      if (link === undefined) {
        if (this.#waitingBytes <= this.#room) return;
        link = this.#linkOf(item, true) ?? this.#linkAnyway();
      }
      yield this.#handOut(item, link);
    }
  }

  /** Hands out all that waits: what is missing will not come. */
  *giveUp(): Generator<Settled<T>> {
    for (let item = this.#waiting[0]; item !== undefined; item = this.#waiting[0])
      yield this.#handOut(item, this.#linkOf(item, true) ?? this.#linkAnyway());
  }

  #linkAnyway(): Link {
    return this.#tip === undefined ? "joined" : "broken";
  }

  #handOut(item: T, link: Link): Settled<T> {
    this.#waiting.shift();
    this.#waitingBytes -= item.frame.bytes.length;
    if (this.#waiting.length === 0) this.#waiting = []; // without the room that it had
    const { boot, sequence } = item.frame;
    if (link !== "first" && link !== "linked") this.#open(item, link === "broken");
    this.#tip = linkTo(item.frame, item.hash);
    this.#losses = this.#losses.filter(
      (range) => range.boot > boot || (range.boot === boot && range.last > sequence),
    );
    return { item, link };
  }

  /** Before the frame something is missing that may still come. */
  #open({ frame, hash, isOld = false }: T, isBroken: boolean): void {
    const { boot, sequence } = frame;
    const tip = this.#tip;
    if (tip !== undefined && boot === tip.boot && sequence === tip.sequence + 1) return;
    this.#gaps ??= new Gaps();
    const asked = isBroken && !isOld;
    this.#gaps.open(tip, linkTo(frame, hash), prevOf(frame), asked ? this.#losses : undefined);
  }

  /** Undefined: cannot be said yet. */
  #linkOf({ frame }: T, isLast = false): Link | undefined {
    const tip = this.#tip;
    const prev = prevOf(frame);
    if (tip === undefined) return prev === NOTHING_BEFORE && frame.sequence === 0 ? "first" : undefined;
    const follows = frame.boot === tip.boot && frame.sequence === tip.sequence + 1;
    if (prev === tip.hash) {
      const next = follows || (frame.boot !== tip.boot && frame.sequence === 0);
      if (next || isDeclared(this.#losses, tip, frame)) return "linked";
      return isLast ? "broken" : undefined; // numbers were passed over, and a later frame may say so
    }
    // Nothing is missing between the two: no frame and no declaration that may come would mend it.
    if (follows) return "broken";
    // Frames of boots between the two may still be on their way, beside those that are lost.
    if (frame.boot !== tip.boot && !isLast) return undefined;
    return isDeclared(this.#losses, tip, frame) ? "declared-gap" : undefined;
  }

  #insert(item: T): boolean {
    let at = this.#waiting.length;
    while (at > 0 && comparePositions(item.frame, (this.#waiting[at - 1] as T).frame) < 0) at--;
    this.#waiting.splice(at, 0, item);
    this.#waitingBytes += item.frame.bytes.length;
    return at + 1 < this.#waiting.length;
  }

  #remember({ frame, hash }: T): void {
    this.#seen.add(frame, hash);
    if (this.#seen.size <= REMEMBERED) return;
    this.#forgotten ??= new ForgottenFrames();
    this.#forgotten.add(this.#seen.forgetFirst());
  }
}

function linkTo({ boot, sequence, uptime }: Frame, hash: string): Tip {
  return { boot, sequence, uptime, hash };
}

function prevOf({ prev }: Frame): string {
  return Buffer.from(prev.buffer, prev.byteOffset, prev.length).toString("hex");
}

function sameRange(a: DroppedRange, b: DroppedRange): boolean {
  return a.boot === b.boot && a.first === b.first && a.last === b.last;
}
