import { CborError, isNonCanonical } from "../agent/cbor/error.js";
import { ARRAY, BYTES, MAP, TAG, TAG_SIGN1 } from "../agent/cbor/major.js";
import { CborReader } from "../agent/cbor/reader.js";
import { FRAME_PREFIX, MAX_FRAME_BYTES, SIGNATURE_BYTES } from "../agent/frame/layout.js";
import { readFrame } from "../agent/frame/parse.js";
import { headBytes, INDEFINITE, isContainer, isString, itemsIn, readHead } from "./item-head.js";

/** One frame, whole and in the strict form. Nothing is said of its signature. */
export interface SequenceFrame {
  /** Where it starts in the sequence. */
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** A stretch between frames that is none. */
export interface SequenceFailure {
  readonly offset: number;
  /** Bytes of the stretch. */
  readonly length: number;
  /** The stretch, or its first MAX_FRAME_BYTES bytes where it is longer. */
  readonly bytes: Uint8Array;
  readonly failure: {
    readonly verdict: "malformed" | "non-canonical";
    readonly detail: string;
    /** What is wrong, as an offset in the sequence. */
    readonly offset: number;
  };
  /** The sequence ends in the middle of a frame, as after a power cut or in a file that is still written. */
  readonly isTorn: boolean;
}

export type SequenceItem = SequenceFrame | SequenceFailure;

/** Bytes taken in at a time. */
const PIECE_BYTES = 65536;
const CUT_SHORT = "a frame that is cut short, longer than it may be, or has a damaged length";

/** Items of `chunks`, a CBOR sequence (RFC 8742) of frames that is cut anywhere. */
export async function* splitFrames(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<SequenceItem, void, void> {
  const splitter = new FrameSplitter();
  for await (const chunk of chunks) yield* splitter.push(chunk);
  yield* splitter.finish();
}

/**
 * Splits a CBOR sequence of frames. Every byte is in exactly one item, and the items do not depend on how the
 * bytes arrive. After damage it goes on at the next whole frame; what it skips is one failure, or several where
 * damaged frames can be told apart. A frame is reported with its last byte (with the next frame where its signature
 * looks like the start of one), a failure at most MAX_FRAME_BYTES later. Memory is bounded, and the work is proportional to the bytes.
 */
export class FrameSplitter {
  /** Before a decision at most two frames and a head wait: one, and one that may start in its signature. */
  readonly #buffer = new Uint8Array(PIECE_BYTES + 3 * MAX_FRAME_BYTES);
  /** Offset of the buffer's first byte in the sequence. */
  #base = 0;
  /** In the buffer: the first byte that is in no item yet, and the end of the bytes. */
  #at = 0;
  #end = 0;
  /** No decision before the buffer's bytes reach this far. */
  #need = 0;
  #isFinal = false;
  /** The first bytes of the damage. */
  readonly #skipped = new Uint8Array(MAX_FRAME_BYTES);
  #damage: Damage | undefined;

  /** `read` is readFrame, or something that watches it. */
  constructor(readonly read: (reader: CborReader) => unknown = readFrame) {}

  /** The items that are complete with `chunk`. Keeps nothing of the caller's. */
  push(chunk: Uint8Array): SequenceItem[] {
    const items: SequenceItem[] = [];
    for (let from = 0; from < chunk.length; from += PIECE_BYTES) {
      this.#take(chunk.subarray(from, from + PIECE_BYTES));
      this.#drain(items);
    }
    return items;
  }

  /** The rest, where no bytes follow. */
  finish(): SequenceItem[] {
    const items: SequenceItem[] = [];
    this.#isFinal = true;
    this.#drain(items);
    return items;
  }

  #take(piece: Uint8Array): void {
    if (this.#end + piece.length > this.#buffer.length) {
      this.#buffer.copyWithin(0, this.#at, this.#end);
      this.#base += this.#at;
      this.#need -= this.#at;
      this.#end -= this.#at;
      this.#at = 0;
    }
    this.#buffer.set(piece, this.#end);
    this.#end += piece.length;
  }

  #drain(items: SequenceItem[]): void {
    while (this.#isFinal || this.#end >= this.#need) {
      if (this.#damage === undefined && this.#at === this.#end) return;
      const item = this.#damage === undefined ? this.#readItem() : this.#skip(this.#damage);
      if (item === "more") return;
      if (item !== undefined) items.push(item);
    }
  }

  /** The frame at `#at`; undefined where there is damage instead. */
  #readItem(): SequenceFrame | "more" | undefined {
    const at = this.#at;
    const extent = measureFrame(this.#buffer, at, this.#end);
    const isWhole = extent !== undefined && extent <= this.#end;
    if (extent !== undefined && !isWhole && !this.#isFinal) return this.#wait(extent);
    const limit = Math.min(this.#end, at + MAX_FRAME_BYTES);
    const error = this.#tryFrame(isWhole ? extent : limit);
    if (error === undefined) return this.#readWhole(extent as number);
    const isCut = error.code === "truncated" && !isWhole;
    if (isCut && !this.#isFinal && limit < at + MAX_FRAME_BYTES) return this.#wait(at + MAX_FRAME_BYTES);
    const verdict = isNonCanonical(error.code) ? "non-canonical" : "malformed";
    const detail = isCut ? CUT_SHORT : atByte(error, this.#base);
    this.#damage = {
      start: this.#base + at,
      skipped: 0,
      failure: { verdict, detail, offset: this.#base + error.offset },
      isOpen: isCut && extent !== undefined,
      extent: isWhole ? this.#base + extent : undefined,
    };
    this.#pass(this.#damage, at + 1);
    return undefined;
  }

  /**
   * The frame from `#at` to `end`, unless a whole frame starts inside its signature: then the end of the one is
   * lost, and the start of the other was taken for it.
   */
  #readWhole(end: number): SequenceFrame | "more" | undefined {
    for (let at = end - SIGNATURE_BYTES; at < end; at++) {
      if (this.#buffer[at] !== FRAME_PREFIX[0]) continue;
      const next = this.#wholeAt(at);
      if (next === "more") return next;
      if (!next) continue;
      const failure = { verdict: "malformed", detail: CUT_SHORT, offset: this.#base + at } as const;
      const start = this.#base + this.#at;
      this.#damage = { start, skipped: 0, failure, isOpen: false, extent: undefined };
      this.#pass(this.#damage, at);
      return undefined;
    }
    const at = this.#at;
    this.#at = end;
    this.#need = 0;
    return { offset: this.#base + at, bytes: this.#buffer.slice(at, end) };
  }

  /** Goes on to where the damage may end; the failure where it does. */
  #skip(damage: Damage): SequenceFailure | "more" | undefined {
    const at = this.#at;
    if (at === this.#end) return this.#isFinal ? this.#close(damage, damage.isOpen) : "more";
    const next = this.#wholeAt(at);
    if (next === "more") return next;
    const isNext = next || (this.#base + at === damage.extent && this.#startsFrame(at));
    if (isNext) return this.#close(damage, false);
    this.#pass(damage, this.#nextStop(damage));
    return undefined;
  }

  #nextStop(damage: Damage): number {
    const after = this.#buffer.subarray(this.#at + 1, this.#end);
    const found = after.indexOf(FRAME_PREFIX[0] as number);
    const start = found < 0 ? this.#end : this.#at + 1 + found;
    const extent = damage.extent === undefined ? start : damage.extent - this.#base;
    return extent > this.#at && extent < start ? extent : start;
  }

  /** Moves on to `to`, inside the damage. */
  #pass(damage: Damage, to: number): void {
    const room = this.#skipped.length - damage.skipped;
    if (room > 0) {
      const until = Math.min(to, this.#at + room);
      this.#skipped.set(this.#buffer.subarray(this.#at, until), damage.skipped);
    }
    damage.skipped += to - this.#at;
    this.#at = to;
    this.#need = 0;
  }

  #close(damage: Damage, isTorn: boolean): SequenceFailure {
    const end = damage.start + damage.skipped;
    const torn = {
      verdict: "malformed",
      detail: `the file ends in the middle of a frame at byte ${end}`,
      offset: end,
    } as const;
    this.#damage = undefined;
    return {
      offset: damage.start,
      length: damage.skipped,
      bytes: this.#skipped.slice(0, damage.skipped),
      failure: isTorn ? torn : damage.failure,
      isTorn,
    };
  }

  /** Whether a whole frame starts at `at`, in the canonical form. */
  #wholeAt(at: number): boolean | "more" {
    if (!this.#isFinal && this.#end - at < FRAME_PREFIX.length) return this.#wait(at + FRAME_PREFIX.length);
    if (!this.#startsFrame(at)) return false;
    const extent = measureFrame(this.#buffer, at, this.#end);
    if (extent === undefined) return false;
    if (extent > this.#end) return this.#isFinal ? false : this.#wait(extent);
    return this.#tryFrame(extent, at) === undefined;
  }

  /** What the strict parse has against the bytes from `at` to `end` as a frame. */
  #tryFrame(end: number, at = this.#at): CborError | undefined {
    try {
      const reader = new CborReader(this.#buffer, at, end);
      this.read(reader);
      reader.finish();
      return undefined;
    } catch (error) {
      if (error instanceof CborError) return error;
      throw error;
    }
  }

  #startsFrame(at: number): boolean {
    return (
      at + 1 < this.#end && this.#buffer[at] === FRAME_PREFIX[0] && this.#buffer[at + 1] === FRAME_PREFIX[1]
    );
  }

  #wait(need: number): "more" {
    this.#need = need;
    return "more";
  }
}

interface Damage {
  /** Offset in the sequence. */
  readonly start: number;
  skipped: number;
  readonly failure: SequenceFailure["failure"];
  /** More bytes could have made it a frame. */
  readonly isOpen: boolean;
  /** Where it ends in the sequence, by its own lengths. Believed only where a frame starts or nothing follows. */
  readonly extent: number | undefined;
}

/** The outside of a frame: its heads in their order, and the arguments that they must have. */
const OUTSIDE: readonly (readonly [major: number, argument?: number])[] = [
  [TAG, TAG_SIGN1],
  [ARRAY, 4],
  [BYTES],
  [MAP],
  [BYTES],
  [BYTES, SIGNATURE_BYTES],
];
/** Heads in one unprotected header that are followed. */
const MAX_HEADS = 32;

/**
 * Where the frame at `at` ends by its outer lengths, in any encoding of definite length; what is inside may be
 * anything. A result beyond `end`: at least so many bytes are needed to tell. Undefined where there is no
 * COSE_Sign1 of at most MAX_FRAME_BYTES. It looks at no more than a few heads.
 */
function measureFrame(input: Uint8Array, at: number, end: number): number | undefined {
  let next = at;
  for (const [major, argument] of OUTSIDE) {
    const opens = major === TAG || major === ARRAY;
    for (let pending = 1, heads = 0; pending > 0; pending--, heads++) {
      const head = readHead(input, next, end);
      if (head === "cut") return next < end ? next + headBytes(input[next] as number) : next + 1;
      if (head === "reserved" || head.info === INDEFINITE || heads > MAX_HEADS) return undefined;
      const isOther = head.major !== major || (argument !== undefined && head.argument !== argument);
      if (heads === 0 && isOther) return undefined;
      next += head.bytes + (isString(head) ? Number(head.argument) : 0);
      if (next - at > MAX_FRAME_BYTES) return undefined;
      if (!opens && isContainer(head)) pending += itemsIn(head);
    }
  }
  return next;
}

/** The error's message, with the offset that it has in the sequence. */
function atByte(error: CborError, base: number): string {
  return error.message.replace(`at byte ${error.offset})`, `at byte ${base + error.offset})`);
}
