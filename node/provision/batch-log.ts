import { closeSync, existsSync, fsyncSync, writeSync } from "node:fs";
import { InputError } from "../../agent/input-error.js";
import type { NamedBefore } from "../../provision/names/board-names.js";
import type { BatchLog, BatchRecord } from "../../provision/operations/batch.js";
import { firstLine, linesOf } from "../../text/decode.js";
import { openToAppend } from "../files.js";
import { readTextFile } from "../text-file.js";

const FIELDS = [
  "at",
  "port",
  "mac",
  "chip",
  "device",
  "did",
  "name",
  "outcome",
  "step",
  "code",
  "reason",
] as const;
/** Which a log has that is older than names. */
const NAMELESS = FIELDS.filter((field) => field !== "name");
const headerOf = (fields: readonly string[]) => fields.join(",");

/**
 * A batch's log in a file: CSV (RFC 4180) where its name ends in .csv, otherwise JSON, one object a line. What stands there already
 * counts; a last line that is cut off does not. Throws InputError where the file is something else.
 */
export function openBatchLog(path: string): BatchLog & { readonly named: readonly NamedBefore[] } {
  const isCsv = path.toLowerCase().endsWith(".csv");
  const done = new Map<string, string>();
  const named: NamedBefore[] = [];
  const note = ({ outcome, mac, device, at, name = "" }: BatchRecord) => {
    const ids = [mac, device].filter((id) => id !== "");
    if (outcome === "done") for (const id of ids) done.set(id, at);
    if (name !== "") named.push({ name, ids, isDone: outcome === "done" });
  };
  const content = existsSync(path) ? readTextFile(path) : "";
  const fields = isCsv && firstLine(content) === headerOf(NAMELESS) ? NAMELESS : FIELDS;
  for (const record of isCsv ? readCsv(path, content, fields) : readLines(path, content)) note(record);
  // A line that a crash cut off must not run into the next one.
  if (content !== "" && !content.endsWith("\n")) append(path, "\n");
  if (content === "" && isCsv) append(path, `${headerOf(FIELDS)}\n`);
  return {
    doneAt: (id) => done.get(id),
    named,
    add(record) {
      const line = isCsv ? fields.map((field) => quoted(record[field])).join(",") : JSON.stringify(record);
      append(path, `${line}\n`);
      note(record);
    },
  };
}

function append(path: string, text: string): void {
  const file = openToAppend(path);
  try {
    writeSync(file, text);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function readLines(path: string, content: string): BatchRecord[] {
  return linesOf(content).flatMap((line, i, lines) => {
    if (line === "") return [];
    try {
      return [recordOf(JSON.parse(line))];
    } catch {
      // Only the end can be cut off; after that, a later run has put the rest of the lines.
      if (i === lines.length - 1 || line.startsWith('{"at":')) return [];
      throw new InputError(`${path}: line ${i + 1} is not of a batch's log`);
    }
  });
}

/** Throws where it is none: what is read of a record is there. */
function recordOf(given: unknown): BatchRecord {
  const record = given as Readonly<Record<string, unknown>>;
  const isRecord = (["at", "mac", "device", "outcome"] as const).every(
    (it) => typeof record[it] === "string",
  );
  if (!isRecord) throw new TypeError("a member is missing");
  return given as BatchRecord;
}

function readCsv(path: string, content: string, fields: readonly string[]): BatchRecord[] {
  if (content === "") return [];
  const header = headerOf(fields);
  if (firstLine(content) !== header) throw new InputError(`${path}: its first line is not ${header}`);
  return rows(content.slice(header.length).replace(/^\r?\n/, ""))
    .filter((row) => row.length === fields.length)
    .map(
      (row) => Object.fromEntries(fields.map((field, i) => [field, row[i] ?? ""])) as unknown as BatchRecord,
    );
}

/** A spreadsheet would run what begins like a formula. */
function quoted(value: string): string {
  const harmless = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

function rows(csv: string): string[][] {
  const found: string[][] = [];
  let row: string[] = [];
  for (const [, plain, inQuotes, end] of csv.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/g)) {
    row.push(plain?.replaceAll('""', '"') ?? inQuotes ?? "");
    if (end === ",") continue;
    if (row.length > 1) found.push(row);
    row = [];
    if (end === "") break;
  }
  return found;
}
