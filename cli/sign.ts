import { appendFileSync, readFileSync } from "node:fs";
import { Command } from "commander";
import { didOfKey, hex } from "../agent/frame/identity.js";
import { createSigner } from "../host-sim/ports/signer.js";
import { signByHand, statePath } from "../tools/hand-sign.js";
import { readKeyFile } from "../tools/key-file.js";
import { networkName } from "./options.js";

const EXAMPLES = `
The key's frames form a chain; FILE.state.json beside the key file counts them. The same pack again gives the same
frame again, another pack the next one. A terminal gets the frame in hex; anything else gets its bytes.

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
    .requiredOption("--key-file <file>", "made by fieldmark keygen")
    .requiredOption("--senml <file>", "the readings; - for standard input")
    .option("--network <name>", "network that the frame is for", networkName, "demo")
    .option("--out <file>", "append the frame to this file (.cborseq)")
    .option("--json", "print JSON, with the frame in hex")
    .addHelpText("after", EXAMPLES)
    .action(run);
}

function run({ keyFile, senml, network, out, json }: Options): void {
  const signer = createSigner(readKeyFile(keyFile));
  const text = readFileSync(senml === "-" ? 0 : senml, "utf8");
  const { frame, boot, sequence } = signByHand(signer, network, text, statePath(keyFile));
  if (out !== undefined) appendFileSync(out, frame);
  const device = didOfKey(signer.publicKey);
  if (json)
    process.stdout.write(
      `${JSON.stringify({ device, boot, sequence, bytes: frame.length, frame: hex(frame) })}\n`,
    );
  else if (out !== undefined)
    process.stderr.write(`${out}: boot ${boot}, sequence ${sequence}, ${frame.length} bytes\n`);
  else process.stdout.write(process.stdout.isTTY ? `${hex(frame)}\n` : frame);
}
