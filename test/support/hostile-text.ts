/** Text that whoever sends it hopes a terminal obeys, or people misread. */
export const HOSTILE_TEXTS: readonly string[] = [
  "\u001b[2J\u001b[1;1Hfieldmark: ok",
  "\u001b]0;title\u0007",
  "\u001b]8;;http://evil.example\u001b\\click\u001b]8;;\u001b\\",
  "\u009b31mred\u009d0;title\u009c",
  "a\rb\nfieldmark: every frame is fine\r\n",
  "tab\tvertical\u000bform\u000cnul\u0000del\u007fnext\u0085",
  "line\u2028paragraph\u2029end",
  "\u202egnp.exe\u202c \u2066isolate\u2069 \u200fmark\u061c",
  "zero\u200bwidth\u200d\ufeff\u00ad\u2060\u180e",
  "tag\u{e0041}\u{e007f} variation\ufe0f\u{e0100} filler\u3164\u115f\uffa0 braille\u2800",
  "half \ud800 and \udc00 of a pair",
  "not a character \ufffe\uffff\u{10ffff} private \ue000 unassigned \u0378",
  "\u0301starts with an accent",
  `zalgo a${"\u0301\u0489".repeat(500)}`,
  `${"\u0e4a".repeat(300)}`,
  "no\u00a0break\u3000wide\u2003em",
  "漢".repeat(3000),
  "x".repeat(10_000),
  '"quote\\back`$(slash)',
  "__proto__",
  "constructor",
  "toString",
  "",
];

const RAW =
  /(?!\n)\p{Cc}|\p{Cf}|\p{Cs}|\p{Co}|\p{Cn}|\p{Zl}|\p{Zp}|(?! )\p{Zs}|[\u{e0000}-\u{e0fff}]|(?:\u034f|\u115f|\u1160|[\u17b4\u17b5]|[\u180b-\u180f]|\u2800|\u3164|[\ufe00-\ufe0f]|\uffa0)/u;
const FLOOD = /\p{M}{5}/u;

/**
 * What is not fit for a terminal in `output`, which may have several lines; undefined where all
 * is. `columns`: of the longest line.
 */
export function unfit(output: string, columns = 5000): string | undefined {
  const raw = RAW.exec(output) ?? FLOOD.exec(output);
  if (raw !== null) {
    const code = raw[0].codePointAt(0)?.toString(16);
    return `U+${code} in ${JSON.stringify(output.slice(Math.max(0, raw.index - 30), raw.index + 30))}`;
  }
  for (const line of output.split("\n")) {
    if (2 * line.length <= columns) continue;
    let width = 0;
    for (const sign of line) width += /[\0-\u10ff\u2010-\u205e]/u.test(sign) ? 1 : 2;
    if (width > columns) return `${width} columns in one line: ${JSON.stringify(line.slice(0, 60))}`;
  }
  return undefined;
}
