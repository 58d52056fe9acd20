/**
 * UTF-8 (RFC 3629) by hand: XS has no TextEncoder of its own, and the judge must refuse what a lenient
 * decoder would repair (overlong forms, surrogates, code points beyond U+10FFFF). Where an engine's strings are UTF-16 a code
 * point beyond U+FFFF is two units, of which the first is not the code point; XS's are UTF-8, and it is one.
 */

/** Bytes that `text` takes as UTF-8. A lone surrogate counts as U+FFFD, as TextEncoder has it. */
export function utf8Length(text: string): number {
  let length = 0;
  for (let i = 0; i < text.length; i++) {
    const point = text.codePointAt(i) as number;
    if (point > 0xffff && text.charCodeAt(i) !== point) i++;
    length += point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
  }
  return length;
}

/** Writes `text` to `into` from `at`; returns the offset after it. The caller made room (`utf8Length`). */
export function writeUtf8(text: string, into: Uint8Array, at: number): number {
  for (let i = 0; i < text.length; i++) {
    let point = text.codePointAt(i) as number;
    if (point > 0xffff && text.charCodeAt(i) !== point) i++;
    if (point >= 0xd800 && point <= 0xdfff) point = 0xfffd;
    if (point < 0x80) {
      into[at++] = point;
    } else if (point < 0x800) {
      into[at++] = 0xc0 | (point >> 6);
      into[at++] = 0x80 | (point & 0x3f);
    } else if (point < 0x10000) {
      into[at++] = 0xe0 | (point >> 12);
      into[at++] = 0x80 | ((point >> 6) & 0x3f);
      into[at++] = 0x80 | (point & 0x3f);
    } else {
      into[at++] = 0xf0 | (point >> 18);
      into[at++] = 0x80 | ((point >> 12) & 0x3f);
      into[at++] = 0x80 | ((point >> 6) & 0x3f);
      into[at++] = 0x80 | (point & 0x3f);
    }
  }
  return at;
}

/** The text in `bytes[start, end)`, or undefined where that is not valid UTF-8. */
export function readUtf8(bytes: Uint8Array, start: number, end: number): string | undefined {
  let text = "";
  let at = start;
  while (at < end) {
    const first = bytes[at++] as number;
    if (first < 0x80) {
      text += String.fromCharCode(first);
      continue;
    }
    const more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : 1;
    // 0x80..0xc1 start nothing (continuations, overlong two-byte forms); above 0xf4 lies beyond U+10FFFF.
    if (first < 0xc2 || first > 0xf4 || at + more > end) return undefined;
    let point = first & (0x3f >> more);
    for (let i = 0; i < more; i++) {
      const next = bytes[at++] as number;
      if ((next & 0xc0) !== 0x80) return undefined;
      point = (point << 6) | (next & 0x3f);
    }
    const overlong = more === 2 ? point < 0x800 : more === 3 && point < 0x10000;
    if (overlong || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff)) return undefined;
    text += String.fromCodePoint(point);
  }
  return text;
}
