import { InputError } from "../../agent/input-error.js";
import { quoted, visible } from "../../text/visible.js";
import { type BoardPlace, isBoardName, isIn, NAME_IS, type Position, RANGES } from "./place.js";

/** A row of the list: a place, and the board that it is for, where that is said: its chip's address, or the device's name. */
export interface ListedPlace extends BoardPlace {
  readonly board?: string;
}

/** What columns may be called, in any case. Others are for people, and not looked at. */
const COLUMNS: Readonly<Record<"name" | "lat" | "lon" | "alt" | "board", readonly string[]>> = {
  name: ["name"],
  lat: ["lat", "latitude"],
  lon: ["lon", "lng", "long", "longitude"],
  alt: ["alt", "altitude", "elevation"],
  board: ["mac", "device", "board"],
};
type Column = keyof typeof COLUMNS;
const SEPARATORS = [";", "\t", ","] as const;
const EXAMPLE = "for instance\n  name,lat,lon,alt\n  roof 1,47.3769,8.5417,408";

/**
 * Reads a list of boards (CSV, RFC 4180; with semicolons or tabs, too, as spreadsheets write it, whose numbers may then have decimal commas).
 * Its first line names the columns: `name`, and where they are known `lat`, `lon`, `alt`, and `mac` or `device`, which binds a row to one board.
 * Throws InputError that names the line.
 */
export function parsePlaces(text: string, file: string): ListedPlace[] {
  const separator = SEPARATORS.find((sign) => (text.split(/\r?\n/, 1)[0] ?? "").includes(sign)) ?? ",";
  const [header, ...rows] = rowsOf(text, separator);
  const columns = columnsOf(header?.cells ?? [], file);
  const places = rows.map(({ cells, line }) => {
    const cell = (column: Column) => cells[columns.get(column) ?? -1]?.trim() ?? "";
    const where = `${file}: line ${line}`;
    const name = cell("name");
    if (!isBoardName(name))
      throw new InputError(`${where}: name is ${quoted(name)}, which is not ${NAME_IS}`);
    const position = positionOf(cell, separator, where);
    const board = cell("board").toLowerCase();
    return { name, ...(position !== undefined && { position }), ...(board !== "" && { board }) };
  });
  if (places.length === 0) throw new InputError(`${file}: it names no board; ${EXAMPLE}`);
  for (const column of ["name", "board"] as const) {
    const found = places.flatMap((place) => place[column] ?? []);
    const twice = found.find((value, i) => found.indexOf(value) !== i);
    if (twice !== undefined)
      throw new InputError(`${file}: ${quoted(twice)} stands there twice, and each board has its own`);
  }
  return places;
}

function columnsOf(header: readonly string[], file: string): Map<Column, number> {
  const found = new Map<Column, number>();
  for (const [column, names] of Object.entries(COLUMNS) as [Column, readonly string[]][]) {
    const index = header.findIndex((title) => names.includes(title.trim().toLowerCase()));
    if (index >= 0) found.set(column, index);
  }
  if (!found.has("name"))
    throw new InputError(
      `${file}: its first line has no column "name", but ${visible(header.join(", ")) || "nothing"}; ${EXAMPLE}`,
    );
  if (found.has("lat") !== found.has("lon"))
    throw new InputError(`${file}: its first line has only one of lat and lon; ${EXAMPLE}`);
  return found;
}

function positionOf(
  cell: (column: Column) => string,
  separator: string,
  where: string,
): Position | undefined {
  const number = (axis: "lat" | "lon" | "alt"): number | undefined => {
    const text = cell(axis);
    if (text === "") return undefined;
    const value = Number(separator === "," ? text : text.replace(",", "."));
    const [least, most] = RANGES[axis];
    if (!isIn(axis, value))
      throw new InputError(`${where}: ${axis} is ${quoted(text)}, not a number from ${least} to ${most}`);
    return value;
  };
  const [lat, lon, alt] = [number("lat"), number("lon"), number("alt")];
  if (lat === undefined && lon === undefined && alt === undefined) return undefined;
  if (lat === undefined || lon === undefined)
    throw new InputError(`${where}: a position has both lat and lon`);
  return { lat, lon, ...(alt !== undefined && { alt }) };
}

interface Row {
  readonly cells: readonly string[];
  /** Of the file, from 1. */
  readonly line: number;
}

/** Rows with something in them. */
function rowsOf(text: string, separator: string): Row[] {
  const rows: Row[] = [];
  let cells: string[] = [];
  let cell = "";
  let isQuoted = false;
  let line = 1;
  let begun = 1;
  const endRow = () => {
    cells.push(cell);
    if (cells.some((content) => content.trim() !== "")) rows.push({ cells, line: begun });
    cells = [];
    cell = "";
    begun = line + 1;
  };
  for (let i = 0; i < text.length; i++) {
    const letter = text[i] as string;
    if (isQuoted) {
      if (letter === '"' && text[i + 1] === '"') cell += text[i++];
      else if (letter === '"') isQuoted = false;
      else cell += letter;
    } else if (letter === '"' && cell === "") isQuoted = true;
    else if (letter === separator) {
      cells.push(cell);
      cell = "";
    } else if (letter === "\n") endRow();
    else if (letter !== "\r") cell += letter;
    if (letter === "\n") line++;
  }
  endRow();
  return rows;
}
