import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { didOfKey } from "../agent/frame/identity.js";
import { createSigner } from "../host-sim/ports/signer.js";
import { CHIPS, type ChipName } from "../host-sim/rom/chips.js";
import { sampleBuild } from "../host-sim/rom/sample-build.js";
import { type BuildFiles, makeBundle, zipBundle } from "../provision/bundle/make.js";
import { readAppImage } from "../provision/flash/app-image.js";
import { write } from "../provision/node/registry-file.js";
import { readKeyFile } from "../tools/key-file.js";
import { path } from "./options.js";

const EXAMPLES = `
A build's folder is that of ESP-IDF: flasher_args.json there says which file goes where.

Examples:
  $ fieldmark bundle build/esp32c3 --key-file maker.json --release 0.1.0 --out fieldmark-0.1.0.zip
  $ fieldmark bundle --sample esp32c3 --key-file maker.json --out sample.zip     for the simulated board`;

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
    .argument("[folders...]", "folders of builds, one a chip")
    .option("--sample <chip>", "firmware of the simulated board with this chip", chip)
    .requiredOption("--key-file <file>", "the maker's key (fieldmark keygen)", path)
    .requiredOption("--out <file>", "zip to write", path)
    .option("--release <version>", "version of the firmware", "0.1.0")
    .option("--json", "print JSON")
    .addHelpText("after", EXAMPLES)
    .action(run);
}

function run(folders: string[], options: Options): void {
  const { sample, keyFile, out, release: version } = options;
  const builds = [
    ...folders.map(readBuild),
    ...(sample === undefined ? [] : [sampleBuild({ chip: sample, version })]),
  ];
  if (builds.length === 0) throw new RangeError("name the folder of a build, or --sample with a chip");
  const signer = createSigner(readKeyFile(keyFile));
  const zip = zipBundle(makeBundle({ name: "Fieldmark", version }, builds, signer));
  write(out, zip);
  const did = didOfKey(signer.publicKey);
  if (options.json)
    process.stdout.write(`${JSON.stringify({ file: out, bytes: zip.length, signer: did })}\n`);
  else process.stdout.write(`${out}  ${zip.length} bytes\nsigned by ${did}\n`);
}

interface FlasherArgs {
  readonly flash_files?: Readonly<Record<string, string>>;
}

/** What ESP-IDF's build leaves: `flash_files` maps offsets to files. */
function readBuild(folder: string): BuildFiles {
  const list = join(folder, "flasher_args.json");
  if (!existsSync(list))
    throw new RangeError(`${folder} has no flasher_args.json: it is no folder of a build`);
  const { flash_files: files = {} } = JSON.parse(readFileSync(list, "utf8")) as FlasherArgs;
  const parts = Object.entries(files).map(([offset, file]) => ({
    offset: Number(offset),
    data: new Uint8Array(readFileSync(join(folder, file))),
    file,
  }));
  const chips = parts.flatMap(({ data }) => readAppImage(data)?.chip ?? []);
  const found = Object.values(CHIPS).find(({ id }) => chips.includes(id));
  if (found === undefined || new Set(chips).size !== 1)
    throw new RangeError(`${folder}: its images are not all for one chip that is known`);
  return {
    chipFamily: found.family,
    parts: parts.map(({ offset, data, file }) => ({ path: `${found.name}/${basename(file)}`, offset, data })),
  };
}

function chip(text: string): ChipName {
  if (!Object.hasOwn(CHIPS, text))
    throw new InvalidArgumentError(`It is one of ${Object.keys(CHIPS).join(", ")}.`);
  return text as ChipName;
}
