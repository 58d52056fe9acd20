import { TEXT } from "../cbor/major.js";
import type { CborWriter } from "../cbor/writer.js";

/** A label, -24 to -1, is one byte: this less the label. */
const LABEL_OF_0 = 0x1f;
/** A text's head is one byte up to this length, and two up to 255; a longer one is not kept. */
const SHORT = 23;
const MOST = 255;

/**
 * Texts that a writer writes again and again, each after a label, encoded once: they stand in its buffer, in `[start, end)`,
 * which the writer itself does not write to. Encoding a character costs XS two slots and about sixty byte codes, copying it
 * nothing. Labels are -24 to -1. Where each text starts is not kept: that would take two slots a text.
 */
export class KeptTexts {
  readonly #texts: string[] = [];
  readonly #start: number;
  readonly #end: number;
  /** Texts mostly come in the order in which they came before. */
  #next = 0;
  #nextStart: number;

  constructor(start: number, end: number) {
    this.#start = start;
    this.#end = end;
    this.#nextStart = start;
  }

  write(writer: CborWriter, label: number, text: string): void {
    const texts = this.#texts;
    const { buffer } = writer;
    const count = texts.length;
    let at = this.#next;
    let start = this.#nextStart;
    for (let left = count; left > 0; left--) {
      if (at >= count) {
        at = 0;
        start = this.#start;
      }
      const end = endOf(buffer, start);
      if (texts[at] === text && buffer[start] === LABEL_OF_0 - label) {
        this.#next = at + 1;
        this.#nextStart = end;
        writer.repeat(start, end);
        return;
      }
      at++;
      start = end;
    }
    this.encode(writer, label, text);
  }

  /** Writes a text that is not kept, and keeps it where there is room. */
  private encode(writer: CborWriter, label: number, text: string): void {
    const from = writer.offset;
    writer.int(label);
    writer.text(text);
    const { offset } = writer;
    const texts = this.#texts;
    const { buffer } = writer;
    let free = this.#start;
    for (let left = texts.length; left > 0; left--) free = endOf(buffer, free);
    if (free + offset - from > this.#end || offset - from > 3 + MOST) return;
    buffer.copyWithin(free, from, offset);
    texts.push(text);
  }
}

/** Where the label and the text end that start at `start`. */
function endOf(buffer: Uint8Array, start: number): number {
  const head = buffer[start + 1] as number;
  const length = head - (TEXT << 5);
  return length <= SHORT ? start + 2 + length : start + 3 + (buffer[start + 2] as number);
}
