import type { CborWriter } from "../cbor/writer.js";

/** A label, -24 to -1, is one byte: this less the label. */
const LABEL_OF_0 = 0x1f;

/**
 * Texts that a writer writes again and again, each after a label, encoded once: they stand in its buffer, in `[start, end)`,
 * which the writer itself does not write to. Encoding a character costs XS two slots and about sixty byte codes, copying it
 * nothing. Labels are -24 to -1.
 */
export class KeptTexts {
  readonly #texts: string[] = [];
  /** Where each text starts, and where the next one will. */
  readonly #starts: number[];
  readonly #end: number;
  /** Texts mostly come in the order in which they came before. */
  #next = 0;

  constructor(start: number, end: number) {
    this.#starts = [start];
    this.#end = end;
  }

  write(writer: CborWriter, label: number, text: string): void {
    const texts = this.#texts;
    const starts = this.#starts;
    const count = texts.length;
    let at = this.#next;
    for (let left = count; left > 0; left--) {
      if (at >= count) at = 0;
      const start = starts[at] as number;
      if (texts[at] === text && writer.buffer[start] === LABEL_OF_0 - label) {
        this.#next = at + 1;
        writer.repeat(start, starts[at + 1] as number);
        return;
      }
      at++;
    }
    const from = writer.offset;
    writer.int(label);
    writer.text(text);
    const start = starts[count] as number;
    const next = start + writer.offset - from;
    if (next > this.#end) return;
    writer.buffer.copyWithin(start, from, writer.offset);
    texts.push(text);
    starts.push(next);
  }
}
