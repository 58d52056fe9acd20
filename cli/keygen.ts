import { Command } from "commander";
import { didOfKey, evmAddress } from "../agent/frame/identity.js";
import { hex, kidOfKey } from "../agent/frame/kid.js";
import { createSigner, newPrivateKey, uncompressedKey } from "../host-sim/ports/signer.js";
import { readKeyFile, writeKeyFile } from "../tools/key-file.js";
import { path } from "./options.js";

const EXAMPLES = `
The file is a JWK (RFC 7517) that only you can read. It is never overwritten, and the private key is never printed.

Examples:
  $ fieldmark keygen                          writes fieldmark-key.json
  $ fieldmark keygen board7.json --json
  $ fieldmark keygen --show board7.json       the public names of a key there is`;

interface Options {
  show?: boolean;
  json?: boolean;
}

export function keygenCommand(): Command {
  return new Command("keygen")
    .description("Make a device key, and print its public names: did:key, kid, EVM address.")
    .argument("[file]", "where the key goes", path, "fieldmark-key.json")
    .option("--show", "make nothing; print the names of the key in the file")
    .option("--json", "print JSON")
    .addHelpText("after", EXAMPLES)
    .action(run);
}

function run(file: string, options: Options): void {
  if (!options.show) writeKeyFile(file, newPrivateKey());
  const { publicKey, sha256 } = createSigner(readKeyFile(file));
  const names = {
    file,
    did: didOfKey(publicKey),
    kid: hex(kidOfKey(publicKey, { sha256 })),
    address: evmAddress(uncompressedKey(publicKey)),
  };
  process.stdout.write(
    options.json
      ? `${JSON.stringify(names)}\n`
      : `key file  ${file}\ndid       ${names.did}\nkid       ${names.kid}\naddress   ${names.address}\n`,
  );
}
