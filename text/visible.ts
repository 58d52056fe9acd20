/** Columns of a name, a reason or a topic that came from outside; a line may have more. */
const MOST_OF_A_TEXT = 200;
/**
 * Columns of a line of such texts and words of ours: the longest of a board's log, with its time.
 */
const MOST_OF_A_LINE = 5000;
/** Accents that one letter may have: no writing needs more, and a hundred cover the lines above. */
const MOST_MARKS = 4;

/** What needs no look: text of ASCII. */
const PLAIN = /^[\x20-\x7e]*$/;
/**
 * What a terminal obeys (control characters, C1 too), what moves the text around it (bidirectional
 * marks), and what no one sees, or takes for a space: also half a surrogate pair, what Unicode has
 * no character for, and the blank of Braille.
 */
const UNFIT = /[\p{C}\p{Zl}\p{Zp}\p{DI}\u2800]|(?! )\p{Zs}/u;
/** In JSON, where each text follows a quotation mark. */
const UNFIT_IN_JSON = new RegExp(`${UNFIT.source}|(?<="|\\p{M}{${MOST_MARKS}})\\p{M}`, "gu");
const MARK = /\p{M}/u;
/** Each of these is counted as though it were two columns wide, which some are. */
const MAYBE_WIDE = /[^\0-\u10ff\u2010-\u205e]/u;
const SHORT: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/**
 * Text that came from outside, fit to be shown, on a terminal or in a page: on one line, of at
 * most `columns` columns, with nothing in it that is obeyed, moves other text or hides. Such a
 * character is written as its number, `\u{202e}`; what is too long ends in `…`. All text from
 * outside goes through this, once or more: what is fit stays as it is. Never throws.
 */
export function visible(text: string, columns = MOST_OF_A_TEXT): string {
  if (text.length <= columns && PLAIN.test(text)) return text;
  let shown = "";
  let kept = 0; // of `shown`, what leaves room for the sign that the rest is left out
  let width = 0;
  let marks = MOST_MARKS; // one at the start would sit on what stands before the text
  for (const sign of text) {
    const isMark = MARK.test(sign);
    marks = isMark ? marks + 1 : 0;
    const isFit = marks <= MOST_MARKS && !UNFIT.test(sign);
    const piece = isFit ? sign : numbered(sign);
    width += !isFit ? piece.length : MAYBE_WIDE.test(sign) ? 2 : 1;
    if (width > columns) return `${shown.slice(0, kept)}…`;
    shown += piece;
    if (width < columns) kept = shown.length;
  }
  return shown;
}

/** A name between quotation marks, so that spaces at its ends are seen, and where it ends. */
export const quoted = (name: string): string => quotedWithin(name, MOST_OF_A_TEXT);

/** The same of so many columns. (Not an argument of `quoted`, which lists are mapped by.) */
export const quotedWithin = (name: string, columns: number): string =>
  `"${visible(name.replace(/["\\]/g, "\\$&"), columns)}"`;

/** The same of words of ours with such texts in them, on one line. */
export const visibleLine = (text: string): string => visible(text, MOST_OF_A_LINE);

/** The same of words of ours with such texts in them, which may have several lines. */
export const visibleLines = (text: string): string => text.split("\n").map(visibleLine).join("\n");

/**
 * Any value as JSON on one line: exact data, in which whatever `visible` would not show is an
 * escape of JSON's, so that a terminal obeys nothing of it either.
 */
export function visibleJson(value: unknown): string {
  const json = JSON.stringify(value);
  return PLAIN.test(json)
    ? json
    : json.replace(UNFIT_IN_JSON, (sign) => sign.split("").map(escaped).join(""));
}

/** Of one unit of UTF-16 (RFC 8259 §7). */
const escaped = (unit: string) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;

const numbered = (sign: string) => SHORT[sign] ?? `\\u{${(sign.codePointAt(0) as number).toString(16)}}`;
