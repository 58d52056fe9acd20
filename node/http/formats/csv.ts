import { visibleLine } from "../../../text/visible.js";

/** `header=present` (RFC 4180 §3). */
export const CSV_TYPE = "text/csv; charset=utf-8; header=present";

export type Cell = string | number | null | undefined;

/**
 * What a spreadsheet takes for the start of a formula, at the start of a cell: these signs, also as
 * Chinese and Japanese type them, and where programs of other countries start one, since they part
 * cells at a semicolon.
 */
const FORMULA = /(^|[;,|])(?=\s*[=+\-@\uff1d\uff0b\uff0d\uff20])/g;

/**
 * A line of CSV (RFC 4180). Texts are made visible and cannot become formulas: an apostrophe, which
 * spreadsheets do not show, stands before what would.
 */
export const csvLine = (cells: readonly Cell[]): string => `${cells.map(cellText).join(",")}\r\n`;

function cellText(cell: Cell): string {
  if (typeof cell !== "string") return cell === null || cell === undefined ? "" : String(cell);
  const text = DECIMAL.test(cell) ? cell : visibleLine(cell).replace(FORMULA, "$1'");
  return /[",;\s]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A number is no formula, though it may start with a minus. */
const DECIMAL = /^-?\d+(\.\d+)?$/;
