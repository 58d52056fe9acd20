import { Command, InvalidArgumentError } from "commander";
import { hex, kidOfKey } from "../agent/cose/kid.js";
import { didOfKey, evmAddress } from "../agent/frame/identity.js";
import { InputError } from "../agent/input-error.js";
import { readKeyFile, writeKeyFile } from "../node/key-file.js";
import { createSigner, hasher, newPrivateKey, uncompressedKey } from "../node/ports/signer.js";
import { path } from "./options.js";
import { print, printJson } from "./output.js";

const EXAMPLES = `
The file is a JWK (RFC 7517) that only you can read. It is never overwritten, and the private key is never printed.

Examples:
  $ fieldmark keygen                          writes fieldmark-key.json
  $ fieldmark keygen board7.json --json
  $ fieldmark keygen --show board7.json       the public names of a key there is
  $ fieldmark keygen --public 02ab…           those of a board, by the public key that it says at its start`;

interface Options {
  show?: boolean;
  public?: Uint8Array;
  json?: boolean;
}

export function keygenCommand(): Command {
  return new Command("keygen")
    .description("Make a device key, and print its public names: did:key, kid, EVM address.")
    .argument("[file]", "where the key goes", path, "fieldmark-key.json")
    .option("--show", "make nothing; print the names of the key in the file")
    .option("--public <hex>", "make nothing; print the names of this public key, 33 bytes in hex", publicKey)
    .option("--json", "print JSON")
    .addHelpText("after", EXAMPLES)
    .action(run);
}

function run(file: string, options: Options): void {
  if (options.public !== undefined) {
    show(namesOf(options.public), options);
    return;
  }
  if (!options.show) writeKeyFile(file, newPrivateKey());
  show({ file, ...namesOf(createSigner(readKeyFile(file)).publicKey) }, options);
}

interface Names {
  readonly file?: string;
  readonly did: string;
  readonly kid: string;
  readonly address: string;
}

function namesOf(publicKey: Uint8Array): Names {
  return {
    did: didOfKey(publicKey),
    kid: hex(kidOfKey(publicKey, hasher)),
    address: evmAddress(uncompressedKey(publicKey)),
  };
}

function show(names: Names, { json }: Options): void {
  const { file, did, kid, address } = names;
  const lines = `did       ${did}\nkid       ${kid}\naddress   ${address}\n`;
  if (json) printJson(names);
  else print(file === undefined ? lines : `key file  ${file}\n${lines}`);
}

/** A compressed public key in hex, for commander. */
function publicKey(value: string): Uint8Array {
  const bytes = Buffer.from(value, "hex");
  try {
    if (!/^[0-9a-f]{66}$/i.test(value)) throw new InputError();
    uncompressedKey(bytes);
  } catch {
    throw new InvalidArgumentError("it is not a public key of secp256k1: 33 bytes in hex, 02 or 03 first.");
  }
  return Uint8Array.from(bytes);
}
