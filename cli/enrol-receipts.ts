import { readFileSync } from "node:fs";
import { InputError } from "../agent/input-error.js";
import { OperationError } from "../provision/events.js";
import { decodeText } from "../text/decode.js";
import { parseJson } from "../text/json-text.js";
import { quoted, visible, visibleLine } from "../text/visible.js";
import { print, printJson } from "./output.js";
import { type Desk, fileReceipt } from "./receipts.js";
import { beforeBoards } from "./run-operation.js";

/** More than a file of a day's receipts has, in bytes. */
const MOST_BYTES = 16 << 20;

/**
 * `enrol --receipt`: each receipt in each file, which holds one, or a list of them as the page saves it. What is wrong with one holds up
 * no other; the exit code is 1 then. Throws InputError where a file or the registry cannot be used.
 */
export async function enrolReceipts(files: readonly string[], desk: Desk, json: boolean): Promise<void> {
  const given = files.map((file) => [file, readFile(file)] as const);
  const count = { enrolled: 0, known: 0, refused: 0 };
  for (const [file, read] of given)
    for (const [where, receipt] of listOf(file, read)) {
      const outcome = await outcomeOf(receipt, desk);
      count[outcome.type]++;
      if (json) printJson({ file: where, ...outcome });
      else print(`${where}: ${inWords(outcome)}`);
    }
  if (json) printJson({ type: "summary", ...count, registry: desk.registry });
  if (count.refused > 0) process.exitCode = 1;
}

type Outcome =
  | {
      readonly type: "enrolled" | "known";
      readonly device: string;
      readonly site: string;
      readonly receipt: string;
      /** The file of what the owner signed for witnesses; null where nothing was. */
      readonly enrolment: string | null;
    }
  | { readonly type: "refused"; readonly code: string; readonly reason: string; readonly hint: string };

/** `known`: the registry had the very same entry. */
async function outcomeOf(given: unknown, desk: Desk): Promise<Outcome> {
  if (given instanceof NoJson)
    return { type: "refused", code: "receipt-bad", reason: given.message, hint: "" };
  try {
    const { receipt, isNew, file, enrolment = null } = await fileReceipt(given, desk);
    const { device, site } = receipt;
    return { type: isNew ? "enrolled" : "known", device, site, receipt: file, enrolment };
  } catch (error) {
    // What is wrong with the registry is wrong for all of them.
    if (!(error instanceof OperationError) || error.code === "file") throw beforeBoards(error);
    const { code, message: reason, hint } = error;
    return { type: "refused", code, reason, hint };
  }
}

function inWords(outcome: Outcome): string {
  if (outcome.type === "refused")
    return [`refused (${outcome.code}): ${outcome.reason}`, outcome.hint]
      .filter((line) => line !== "")
      .map(visibleLine)
      .join("\n");
  const { type, device, site, receipt, enrolment } = outcome;
  const what = type === "enrolled" ? "enrolled" : "enrolled already";
  return `${what}: device ${visible(device)}, site ${quoted(site)}; receipt ${receipt}${enrolment === null ? "" : `, enrolment ${enrolment}`}`;
}

function readFile(file: string): Uint8Array {
  const bytes = readFileSync(file);
  if (bytes.length > MOST_BYTES) throw new InputError(`${file} is too large for receipts`);
  return bytes;
}

/** What was given in a receipt's place, and is not JSON. */
class NoJson extends Error {}

/** Each receipt with its file's name, and its number where there are several. */
function listOf(file: string, bytes: Uint8Array): readonly (readonly [string, unknown])[] {
  let given: unknown;
  try {
    given = parseJson(decodeText(bytes));
  } catch (error) {
    return [[file, new NoJson(`it is no receipt: ${(error as Error).message}`)]];
  }
  if (!Array.isArray(given)) return [[file, given]];
  return given.map((receipt: unknown, i) => [`${file} #${i + 1}`, receipt]);
}
