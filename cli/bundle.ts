import { Command, InvalidArgumentError } from "commander";
import { didOfKey } from "../agent/frame/identity.js";
import { InputError } from "../agent/input-error.js";
import { sampleBuild } from "../host-sim/virtual-board/rom/sample-build.js";
import { readKeyFile } from "../node/key-file.js";
import { createSigner } from "../node/ports/signer.js";
import { readBuilds } from "../node/provision/builds.js";
import { write } from "../node/provision/registry-file.js";
import { makeBundle, zipBundle } from "../provision/bundle/make.js";
import { CHIPS, type ChipName } from "../provision/flash/chips.js";
import { path } from "./options.js";
import { print, printJson } from "./output.js";

const EXAMPLES = `
A build's folder is that of ESP-IDF: flasher_args.json there says which file goes where; or one with a manifest.json of ESP Web Tools, whose parts lie
beside it. Of the image of a whole flash (esptool merge-bin) the parts are taken that are not blank.

Examples:
  $ fieldmark bundle build/esp32c3 --key-file maker.json --release 0.1.0 --out fieldmark-0.1.0.zip
  $ fieldmark bundle merged.bin --key-file maker.json --out firmware.zip
  $ fieldmark bundle --sample esp32c3 --key-file maker.json --out sample.zip     for the simulated board`;

/** As boards say it by Improv: ESP Web Tools then knows an update from a new installation, before which it erases. */
const NAME = "fieldmark";

interface Options {
  sample?: ChipName;
  keyFile: string;
  release: string;
  out: string;
  json?: boolean;
}

export function bundleCommand(): Command {
  return new Command("bundle")
    .description("Make a signed firmware bundle that fieldmark and ESP Web Tools read.")
    .argument(
      "[builds...]",
      "builds, one a chip: folders, manifests of ESP Web Tools, or images of a whole flash",
    )
    .option("--sample <chip>", "firmware of the simulated board with this chip", chip)
    .requiredOption("--key-file <file>", "the maker's key (fieldmark keygen)", path)
    .requiredOption("--out <file>", "zip to write", path)
    .option("--release <version>", "version of the firmware", "0.1.0")
    .option("--json", "print JSON")
    .addHelpText("after", EXAMPLES)
    .action(run);
}

function run(given: string[], options: Options): void {
  const { sample, keyFile, out, release: version } = options;
  const builds = [
    ...given.flatMap((path) => readBuilds(path)),
    ...(sample === undefined ? [] : [sampleBuild({ chip: sample, version })]),
  ];
  if (builds.length === 0) throw new InputError("name a build, or --sample with a chip");
  const signer = createSigner(readKeyFile(keyFile));
  const zip = zipBundle(makeBundle({ name: NAME, version }, builds, signer));
  write(out, zip);
  const did = didOfKey(signer.publicKey);
  if (options.json) printJson({ file: out, bytes: zip.length, signer: did });
  else print(`${out}  ${zip.length} bytes\nsigned by ${did}`);
}

function chip(text: string): ChipName {
  if (!Object.hasOwn(CHIPS, text))
    throw new InvalidArgumentError(`It is one of ${Object.keys(CHIPS).join(", ")}.`);
  return text as ChipName;
}
