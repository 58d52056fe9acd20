/**
 * UTF-8 by RFC 3629 in plain steps, in place of TextEncoder and TextDecoder, which XS lacks. The same tests run against
 * Node's own under Jest, so that a fault here shows as a difference from the agent's codec.
 */
export class Utf8Encoder {
  /** A lone surrogate becomes U+FFFD. */
  encode(text: string): Uint8Array {
    const bytes: number[] = [];
    for (const character of text) {
      const point = character.codePointAt(0) as number;
      bytes.push(...encodePoint(point >= 0xd800 && point <= 0xdfff ? 0xfffd : point));
    }
    return Uint8Array.from(bytes);
  }
}

function encodePoint(point: number): number[] {
  if (point < 0x80) return [point];
  const tail = (shift: number) => 0x80 | ((point >> shift) & 0x3f);
  if (point < 0x800) return [0xc0 | (point >> 6), tail(0)];
  if (point < 0x10000) return [0xe0 | (point >> 12), tail(6), tail(0)];
  return [0xf0 | (point >> 18), tail(12), tail(6), tail(0)];
}

/** RFC 3629 §4: the first byte's range, what it holds of the code point, and the ranges of the bytes after it. */
const TAIL: readonly [number, number] = [0x80, 0xbf];
const FORMS: readonly {
  first: readonly [number, number];
  mask: number;
  tails: (readonly [number, number])[];
}[] = [
  { first: [0x00, 0x7f], mask: 0x7f, tails: [] },
  { first: [0xc2, 0xdf], mask: 0x1f, tails: [TAIL] },
  { first: [0xe0, 0xe0], mask: 0x0f, tails: [[0xa0, 0xbf], TAIL] },
  { first: [0xe1, 0xec], mask: 0x0f, tails: [TAIL, TAIL] },
  { first: [0xed, 0xed], mask: 0x0f, tails: [[0x80, 0x9f], TAIL] },
  { first: [0xee, 0xef], mask: 0x0f, tails: [TAIL, TAIL] },
  { first: [0xf0, 0xf0], mask: 0x07, tails: [[0x90, 0xbf], TAIL, TAIL] },
  { first: [0xf1, 0xf3], mask: 0x07, tails: [TAIL, TAIL, TAIL] },
  { first: [0xf4, 0xf4], mask: 0x07, tails: [[0x80, 0x8f], TAIL, TAIL] },
];

const isIn = (byte: number | undefined, [min, max]: readonly [number, number]) =>
  byte !== undefined && byte >= min && byte <= max;

/** The strict decoder only: throws a TypeError for what is not UTF-8, and keeps a byte order mark. */
export class Utf8Decoder {
  constructor(label: string, { fatal = false, ignoreBOM = false } = {}) {
    if (label !== "utf-8" || !fatal || !ignoreBOM) throw new RangeError("only a strict decoder of UTF-8");
  }

  decode(bytes: Uint8Array): string {
    let text = "";
    for (let at = 0; at < bytes.length; ) {
      const form = FORMS.find(({ first }) => isIn(bytes[at], first));
      if (form === undefined) throw new TypeError(`no character starts at ${at}`);
      let point = (bytes[at++] as number) & form.mask;
      for (const range of form.tails) {
        if (!isIn(bytes[at], range)) throw new TypeError(`no character goes on at ${at}`);
        point = (point << 6) | ((bytes[at++] as number) & 0x3f);
      }
      text += String.fromCodePoint(point);
    }
    return text;
  }
}
