import { appendFileSync, closeSync } from "node:fs";
import { Command } from "commander";
import { hex } from "../agent/cose/kid.js";
import { didOfKey } from "../agent/frame/identity.js";
import { InputError } from "../agent/input-error.js";
import { openToAppend } from "../node/files.js";
import { readKeyFile } from "../node/key-file.js";
import { createSigner } from "../node/ports/signer.js";
import { readTextFile } from "../node/text-file.js";
import { type HandSigned, lockState, signByHand, statePath } from "../tools/hand-sign.js";
import { readSenmlJson } from "../tools/senml-json.js";
import { networkName, path } from "./options.js";
import { printBytes, printJson, tell } from "./output.js";

const EXAMPLES = `
The key's frames form a chain; FILE.state.json beside the key file counts them. The same pack again gives the same
frame again, another pack the next one, also where several sign at once. A terminal gets the frame in hex; anything else gets its bytes.

Examples:
  $ echo '[{"n":"temperature","u":"Cel","v":21.5,"bt":1795000000}]' > r.json
  $ fieldmark sign --key-file fieldmark-key.json --senml r.json --out mine.cborseq
  $ fieldmark sign --key-file fieldmark-key.json --senml - < r.json | fieldmark inspect -`;

interface Options {
  keyFile: string;
  senml: string;
  network: string;
  out?: string;
  json?: boolean;
}

export function signCommand(): Command {
  return new Command("sign")
    .description("Make a frame by hand: sign a SenML pack (JSON, RFC 8428) with a key file.")
    .requiredOption("--key-file <file>", "made by fieldmark keygen", path)
    .requiredOption("--senml <file>", "the readings; - for standard input", path)
    .option("--network <name>", "network that the frame is for", networkName, "demo")
    .option("--out <file>", "append the frame to this file (.cborseq)", path)
    .option("--json", "print JSON, with the frame in hex")
    .addHelpText("after", EXAMPLES)
    .action(run);
}

function append(path: string, frame: Uint8Array): void {
  const file = openToAppend(path);
  try {
    appendFileSync(file, frame);
  } finally {
    closeSync(file);
  }
}

/** Milliseconds that a signature waits for others with the same key. */
const LOCK_LIMIT = 2000;

async function run({ keyFile, senml, network, out, json }: Options): Promise<void> {
  const signer = createSigner(readKeyFile(keyFile));
  const text = readPack(senml);
  const state = statePath(keyFile);
  const release = await lockState(state, LOCK_LIMIT);
  let signed: HandSigned;
  try {
    signed = signByHand(signer, network, text, state);
    if (out !== undefined) append(out, signed.frame);
  } finally {
    release();
  }
  const { frame, boot, sequence } = signed;
  const device = didOfKey(signer.publicKey);
  if (json) printJson({ device, boot, sequence, bytes: frame.length, frame: hex(frame) });
  else if (out !== undefined) tell(`${out}: boot ${boot}, sequence ${sequence}, ${frame.length} bytes`);
  else printBytes(process.stdout.isTTY ? Buffer.from(`${hex(frame)}\n`) : frame);
}

/** The pack's text, once it is one. Throws InputError that names the file. */
function readPack(file: string): string {
  const text = readTextFile(file === "-" ? 0 : file);
  try {
    readSenmlJson(text);
    return text;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(`${file === "-" ? "standard input" : file}: ${error.message}`);
  }
}
