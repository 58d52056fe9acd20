import type { AnnotatedLine } from "./walk.js";

const INDENT = 2;
/** More bytes of one line are spread over rows of equal length. */
const ROW_BYTES = 20;
/** Longer values push their meaning aside, rather than all meanings. */
const VALUE_COLUMN = 19;

/**
 * Text for people: offset, bytes in hex (indented by nesting), value, meaning, and `<--` where the flaw is.
 * Every line ends with a line feed.
 */
export function renderAnnotation(lines: readonly AnnotatedLine[]): string {
  const last = lines.at(-1)?.offset ?? 0;
  const offsetColumn = Math.max(4, String(last).length);
  const shown = lines.map((line) => ({ line, rows: rowsOf(line) }));
  const hexColumn = shown.reduce((widest, { rows }) => Math.max(widest, rows[0]?.text.length ?? 0), 0);
  const valueColumn = lines.reduce(
    (widest, { value }) => (value.length > VALUE_COLUMN ? widest : Math.max(widest, value.length)),
    0,
  );
  let text = "";
  for (const { line, rows } of shown) {
    const flaw = line.flaw === undefined ? "" : `<-- ${line.flaw}`;
    const says = `${line.value.padEnd(valueColumn)}  ${line.meaning}  ${flaw}`;
    rows.forEach((row, index) => {
      const offset = String(row.offset).padStart(offsetColumn);
      const whole = `${offset}  ${row.text.padEnd(hexColumn)}  ${index === 0 ? says : ""}`;
      text += `${whole.trimEnd()}\n`;
    });
  }
  return text;
}

function rowsOf(line: AnnotatedLine): { offset: number; text: string }[] {
  const indent = " ".repeat(line.depth * INDENT);
  const bytes = line.hex.length / 2;
  const count = Math.max(1, Math.ceil(bytes / ROW_BYTES));
  const perRow = Math.ceil(bytes / count);
  const rows: { offset: number; text: string }[] = [];
  for (let row = 0; row < count; row++) {
    const from = row * perRow;
    rows.push({ offset: line.offset + from, text: indent + line.hex.slice(from * 2, (from + perRow) * 2) });
  }
  return rows;
}
