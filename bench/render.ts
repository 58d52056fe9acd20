import type { Figure } from "./harness.js";

/** An aligned table, a figure a line: name, value, reference, ratio, goal. */
export function renderFigures(figures: readonly Figure[]): string {
  const rows = figures.map((figure) => [
    figure.name,
    figure.value === undefined ? (figure.note ?? "") : `${amount(figure.value)} ${figure.unit}`,
    figure.reference === undefined
      ? ""
      : `${figure.reference.name}: ${amount(figure.reference.value)} ${figure.reference.unit}`,
    figure.ratio === undefined ? "" : `× ${figure.ratio.toFixed(2)}`,
    figure.goal === undefined ? "" : `${figure.goal.text}: ${figure.goal.met ? "met" : "MISSED"}`,
  ]);
  const widths = [0, 1, 2, 3, 4].map((column) =>
    Math.max(...rows.map((row) => (isNote(row) && column > 0 ? 0 : (row[column]?.length ?? 0)))),
  );
  return rows
    .map(
      (row) =>
        `  ${row
          .map((cell, i) => cell.padEnd(widths[i] ?? 0))
          .join("  ")
          .trimEnd()}\n`,
    )
    .join("");
}

/** A row that has words instead of a figure sets no widths. */
function isNote(row: readonly string[]): boolean {
  return row[2] === "" && (row[1]?.length ?? 0) > 24;
}

/** Whole numbers with separators; small ones with what matters. */
function amount(value: number): string {
  const digits = Math.abs(value) >= 100 || Number.isInteger(value) ? 0 : 2;
  return value.toLocaleString("en", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}
