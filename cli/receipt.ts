import { writeFileSync } from "node:fs";
import { Command, InvalidArgumentError } from "commander";
import { hex, kidOfKey } from "../agent/cose/kid.js";
import { keyOfDid } from "../agent/frame/identity.js";
import { InputError } from "../agent/input-error.js";
import { readReceipt } from "../network/witness/frame-receipt.js";
import { hasher } from "../node/ports/signer.js";
import { quoted } from "../text/visible.js";
import { askWitness, LOCAL_WITNESS, witnessAddress } from "./ask-witness.js";
import { path } from "./options.js";
import { print } from "./output.js";

const EXAMPLES = `
A receipt proves without a network that a witness has a frame: the frame, its place in the inventory that the witness
signed, that inventory's place in the witness's log, and the log's checkpoint. There is one as soon as the epoch of
the frame's date has closed.

Examples:
  $ fieldmark receipt 29ef27dd0e25f04d 1:17 --out frame.receipt
  $ fieldmark receipt did:key:zQ3s… 1:17 --witness https://w1.example.org > frame.receipt
  $ fieldmark verify --receipt frame.receipt`;

interface Options {
  witness: string;
  out?: string;
}

/** Characters that a receipt can have. */
const MOST = 1 << 20;

export function receiptCommand(): Command {
  return new Command("receipt")
    .description("Get from a witness the proof that it has a frame.")
    .argument("<device>", "its kid in hex, or its did:key", device)
    .argument("<position>", "the frame's boot and sequence, like 1:17", position)
    .option("--witness <url>", "the witness's HTTP", witnessAddress, LOCAL_WITNESS)
    .option("--out <file>", "where the receipt goes (default: standard output)", path)
    .addHelpText("after", EXAMPLES)
    .action(run);
}

function device(text: string): string {
  if (/^[0-9a-f]{16}$/.test(text)) return text;
  try {
    return hex(kidOfKey(keyOfDid(text), hasher));
  } catch {
    throw new InvalidArgumentError("It is neither a kid (16 hexadecimal digits) nor a did:key.");
  }
}

function position(text: string): string {
  if (!/^\d{1,16}:\d{1,16}$/.test(text)) throw new InvalidArgumentError("It looks like 1:17.");
  return text.replace(":", "/");
}

async function run(kid: string, at: string, { witness: base, out }: Options): Promise<void> {
  const json = await askWitness(base, `/v1/devices/${kid}/frames/${at}/receipt`, MOST);
  readReceipt(json, quoted(base));
  if (out === undefined) {
    print(JSON.stringify(json, null, 2));
    return;
  }
  try {
    writeFileSync(out, `${JSON.stringify(json, null, 2)}\n`, { flag: "wx" });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    throw new InputError(`${out} is there already: name another file`);
  }
  print(`${out}: check it with fieldmark verify --receipt ${out}`);
}
