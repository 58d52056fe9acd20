import { BYTES, MAP, SIMPLE, TAG, TEXT } from "../agent/cbor/major.js";
import { hex } from "../agent/cose/kid.js";
import {
  type Head,
  INDEFINITE,
  isBreak,
  isContainer,
  isString,
  itemsIn,
  readHead,
} from "../network/item-head.js";
import { headNotation, textNotation } from "./diagnostic.js";
import { type Item, lookAt } from "./item.js";
import { type Role, UNKNOWN } from "./roles.js";

export interface AnnotatedLine {
  /** Of the line's first byte, in the input. */
  readonly offset: number;
  /** The line's bytes in lower-case hex. Empty where something is missing, and for the verdict. */
  readonly hex: string;
  /** Items around this one. */
  readonly depth: number;
  /** In diagnostic notation (RFC 8949 §8); empty for bytes that are only content. */
  readonly value: string;
  readonly meaning: string;
  /** The verdict, on the line where the judge found the flaw. */
  readonly flaw?: string;
}

/** What is nested deeper is left as it is; a frame has 8 levels. */
const MAX_DEPTH = 24;
/** What follows so many lines is left as it is; the longest frame has fewer. */
const MAX_LINES = 8192;
/** Byte strings up to this length stand on one line with their head. */
const SHORT_BYTES = 8;

/** Lays the CBOR sequence `input` open: lines that hold each of its bytes exactly once. Never throws. */
export function walk(input: Uint8Array, role: Role): AnnotatedLine[] {
  const walker = new Walker(input);
  let at = walker.item(0, input.length, 0, role);
  while (at < input.length) at = walker.item(at, input.length, 0, role);
  return walker.lines;
}

/** Its methods write lines from `at` on, and return where they stopped: at most `end`, and beyond `at` before it. */
class Walker {
  readonly lines: AnnotatedLine[] = [];
  /** The end that came too early. It is told once, not again for each item around. */
  #told = -1;

  constructor(readonly input: Uint8Array) {}

  item(at: number, end: number, depth: number, role: Role): number {
    if (at >= end) return this.#missing(end, depth, "an item is missing");
    const head = readHead(this.input, at, end);
    if (head === "cut") return this.#rest(at, end, depth, "cut inside an item's head");
    if (head === "reserved") return this.#rest(at, end, depth, "not CBOR: a reserved head");
    if (depth > MAX_DEPTH) return this.#rest(at, end, depth, "nested too deeply to be opened");
    if (this.lines.length >= MAX_LINES) return this.#rest(at, end, depth, "too much to be opened");
    const item = lookAt(this.input, at, end, head);
    if (isString(head)) return this.#string(at, end, depth, role, item);
    const meaning = isBreak(head) ? "a break with nothing to end" : role.say(item);
    const next = this.#line(at, at + head.bytes, depth, headNotation(head), meaning);
    return isContainer(head) ? this.#inside(next, end, depth + 1, role, head) : next;
  }

  #inside(from: number, end: number, depth: number, role: Role, head: Head): number {
    const count = itemsIn(head);
    const step = head.major === MAP ? 2 : 1;
    let at = from;
    for (let index = 0; index < count; index += step) {
      if (at >= end) return this.#missing(end, depth, missingItems((count - index) / step, step));
      if (head.info === INDEFINITE && this.input[at] === BREAK)
        return this.#line(at, at + 1, depth - 1, "break", "");
      at = this.#member(at, end, depth, role, head, index);
    }
    return at;
  }

  /** One item of a tag, an array or a string of open length, or one pair of a map. */
  #member(at: number, end: number, depth: number, role: Role, head: Head, index: number): number {
    if (head.major === TAG) return this.item(at, end, depth, role.tagged ?? UNKNOWN);
    if (head.major === BYTES || head.major === TEXT) return this.item(at, end, depth, UNKNOWN);
    if (head.major !== MAP) return this.item(at, end, depth, role.item?.(index, itemsIn(head)) ?? UNKNOWN);
    const keyHead = readHead(this.input, at, end);
    const key = typeof keyHead === "string" ? undefined : lookAt(this.input, at, end, keyHead);
    const under = key === undefined ? undefined : role.under?.(key);
    const value = this.item(
      at,
      end,
      depth,
      under === undefined ? UNKNOWN : { say: () => `key: ${under.name}` },
    );
    return this.item(value, end, depth, under?.role ?? UNKNOWN);
  }

  #string(at: number, end: number, depth: number, role: Role, item: Item): number {
    const { head } = item;
    const length = Number(head.argument);
    const from = at + head.bytes;
    const to = Math.min(end, from + length);
    const isWhole = to - from === length;
    const content = this.input.subarray(from, to);
    const opened = head.major === BYTES ? role.opened?.(content) : undefined;
    const meaning = role.say(item);
    if (head.major === TEXT) {
      const value = item.text === undefined ? headNotation(head) : textNotation(item.text);
      const broken = isWhole && item.text === undefined;
      this.#line(at, to, depth, value, broken ? `${meaning} (not UTF-8)`.trim() : meaning);
    } else if (length <= SHORT_BYTES && isWhole && opened === undefined) {
      this.#line(at, to, depth, `h'${hex(content)}'`, meaning);
    } else {
      this.#line(at, from, depth, headNotation(head), meaning);
      if (opened !== undefined) this.#embedded(from, to, depth + 1, opened);
      else this.#parts(from, to, depth + 1, role.parts?.(content) ?? []);
    }
    if (isWhole) return to;
    return this.#missing(end, depth + 1, `${to - from} of ${head.argument} bytes are there`);
  }

  /** CBOR in a byte string: one item. What follows it is shown as though the item went on. */
  #embedded(from: number, end: number, depth: number, role: Role): void {
    const head = readHead(this.input, from, end);
    let at = this.item(from, end, depth, role);
    if (typeof head === "string") return;
    const isList = isContainer(head) && head.major !== TAG && head.info !== INDEFINITE;
    for (let index = itemsIn(head); at < end; index++)
      at = isList ? this.#member(at, end, depth + 1, role, head, index) : this.item(at, end, depth, UNKNOWN);
  }

  #parts(from: number, end: number, depth: number, parts: ReturnType<NonNullable<Role["parts"]>>): void {
    let at = from;
    for (const { bytes, meaning } of parts) at = this.#line(at, at + bytes, depth, "", meaning);
    if (at < end) this.#line(at, end, depth, "", "");
  }

  #line(at: number, end: number, depth: number, value: string, meaning: string): number {
    this.lines.push({ offset: at, hex: hex(this.input.subarray(at, end)), depth, value, meaning });
    return end;
  }

  #rest(at: number, end: number, depth: number, why: string): number {
    this.#told = end;
    return this.#line(at, end, depth, "", why);
  }

  #missing(end: number, depth: number, what: string): number {
    return this.#told === end ? end : this.#rest(end, end, depth, `it ends here: ${what}`);
  }
}

const BREAK = (SIMPLE << 5) | INDEFINITE;

function missingItems(count: number, step: number): string {
  if (!Number.isFinite(count)) return "the break is missing";
  const noun = step === 2 ? "pair" : "item";
  return count === 1 ? `1 ${noun} is missing` : `${count} ${noun}s are missing`;
}
