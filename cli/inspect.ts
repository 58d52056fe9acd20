import { createReadStream, readFileSync } from "node:fs";
import { Command } from "commander";
import { hex } from "../agent/cose/kid.js";
import { InputError } from "../agent/input-error.js";
import { annotateFrame, renderAnnotation } from "../inspect/annotate.js";
import { annotateJournal } from "../inspect/journal.js";
import { splitFrames } from "../network/sequence.js";
import { createMemoryFlash } from "../node/ports/flash.js";
import { hasher } from "../node/ports/signer.js";
import { count, path } from "./options.js";
import { print, printJson, tell } from "./output.js";

const EXAMPLES = `
Input in hex is taken as what it says. Exit code 1 where something is not a frame.

Examples:
  $ fieldmark inspect site.cborseq                  the first 20 frames of the file
  $ fieldmark inspect site.cborseq --skip 41 --limit 1
  $ fieldmark sign --key-file k.json --senml r.json | fieldmark inspect -
  $ fieldmark inspect --journal state/board-0001/journal.flash
  $ fieldmark inspect site.cborseq --json | jq '.lines[].meaning'`;

/** Bytes of a journal's sector on boards, and in the files of `--state`. */
const SECTOR = 4096;

interface Options {
  skip: number;
  limit: number;
  journal?: boolean;
  json?: boolean;
}

export function inspectCommand(): Command {
  return new Command("inspect")
    .description("Lay frames open byte by byte, with names. Checks their form, and no signature.")
    .argument("<file>", "frames, as a CBOR sequence; - for standard input", path)
    .option("--skip <n>", "frames to pass over first", count(0, Number.MAX_SAFE_INTEGER), 0)
    .option("--limit <n>", "frames to lay open", count(1, Number.MAX_SAFE_INTEGER), 20)
    .option("--journal", "the file is the image of a board's journal: show its records")
    .option("--json", "print JSON, one object a frame or record")
    .addHelpText("after", EXAMPLES)
    .action(run);
}

async function run(file: string, options: Options): Promise<void> {
  if (options.journal) inspectJournal(file, options.json === true);
  else await inspectFrames(file, options);
}

/** `file`: sectors of 4,096 bytes. */
function inspectJournal(file: string, json: boolean): void {
  if (file === "-") throw new InputError("--journal wants the name of a file");
  const bytes = new Uint8Array(readFileSync(file));
  if (bytes.length === 0 || bytes.length % SECTOR !== 0)
    throw new InputError(`${file} has ${bytes.length} bytes: no journal, whose sectors have ${SECTOR}`);
  let records = 0;
  for (const line of annotateJournal(createMemoryFlash({ size: bytes.length, bytes }), hasher)) {
    if (line.kind !== "erased" && line.kind !== "damaged") records++;
    const { frame, ...rest } = line;
    const { sector, offset, kind, meaning } = line;
    if (json) printJson({ ...rest, ...(frame && { frame: hex(frame) }) });
    else
      print(
        `${String(sector).padStart(4)} ${String(offset).padStart(5)} ${String(line.bytes).padStart(5)}  ${kind.padEnd(8)} ${meaning}`.trimEnd(),
      );
  }
  if (records === 0) throw new Error("no journal: nothing in it is a record");
}

async function inspectFrames(file: string, { skip, limit, json }: Options): Promise<void> {
  const input = file === "-" ? process.stdin : createReadStream(file);
  let index = 0;
  let bad = 0;
  for await (const item of splitFrames(fromHex(input))) {
    const number = index++;
    if (number < skip) continue;
    if (number === skip + limit) {
      tell(`more frames follow: --skip ${skip + limit} goes on there`);
      break;
    }
    const { offset, bytes } = item;
    if ("failure" in item) bad++;
    const lines = annotateFrame(bytes);
    if (json) printJson({ frame: number, offset, bytes: bytes.length, lines });
    else print(`frame ${number}, ${bytes.length} bytes at byte ${offset}\n${renderAnnotation(lines)}\n`);
  }
  if (index <= skip) throw new Error(index === 0 ? "no frames: the input is empty" : `only ${index} frames`);
  if (bad > 0) throw new Error(`not fine: ${bad} stretches of bytes are no frame`);
}

const HEX_AND_SPACE = /^[0-9a-fA-F\s]*$/;

/** Bytes as they are, or what they say where the first of them are hex digits: a frame never starts with one. */
async function* fromHex(input: AsyncIterable<Buffer>): AsyncGenerator<Uint8Array> {
  let isHex: boolean | undefined;
  let rest = "";
  for await (const chunk of input) {
    isHex ??= HEX_AND_SPACE.test(chunk.toString("latin1"));
    if (!isHex) {
      yield chunk;
      continue;
    }
    const digits = rest + chunk.toString("latin1").replace(/\s/g, "");
    const even = digits.length - (digits.length % 2);
    rest = digits.slice(even);
    yield Buffer.from(digits.slice(0, even), "hex");
  }
}
