import { createReadStream, existsSync, readFileSync } from "node:fs";
import { Command, Option } from "commander";
import { InputError } from "../agent/input-error.js";
import { registryPath } from "../host-sim/fleet/fleet.js";
import { COSIGNATURE, type VerifierKey } from "../network/log/note-key.js";
import { buildChecker } from "../node/checker-build.js";
import type { BrokerAddress } from "../node/mqtt/broker-address.js";
import { openRegistrySource } from "../node/network/registry-source.js";
import { type Rotation, wholeOf } from "../node/network/segments.js";
import { verifySequences } from "../node/network/verify-file.js";
import { signatureChecker } from "../node/ports/signer.js";
import { keyOf } from "../node/witness/peer-config.js";
import { findBrokers } from "./discover.js";
import { brokers, duration, networkName, ownerDid, path, size } from "./options.js";
import { warn } from "./output.js";
import { packageRoot } from "./package-root.js";
import { createJudgementPrinter } from "./render/judgements.js";
import { isForkFile, verifyFork } from "./verify-fork.js";
import { type LiveOptions, listen } from "./verify-live.js";
import { verifyEvidence, verifyReceipt } from "./verify-proof.js";

const EXAMPLES = `
Without --json, a terminal gets one readable line a frame; anything else gets JSON, one object a line. With --broker a
frame has one line, however often and from how many brokers it comes; the summary counts the others. The summary and
what happens meanwhile go to standard error.

With --broker the registry is read again when it changes, and a folder whenever there is more in it. Frames of devices that are not enrolled wait until they
are. A verifier that is stopped and started again with the same --out goes on where it was, and prints nothing again.

Exit code 1: of files, where a frame is neither "ok" nor "duplicate", or there are no frames. With --broker, where the
verifier could not go on, or --for has passed and no broker was reached; what strangers send changes nothing, but with
--strict.

Examples:
  $ fieldmark verify site.cborseq                       finds site.registry.json by itself
  $ fieldmark verify - --registry r.json < site.cborseq
  $ fieldmark verify site.cborseq --registry registry.enrolments --owner did:key:zQ3s…
  $ fieldmark verify site.cborseq --json | jq -r '.readings[]? | [.time, .name, .value] | @tsv'
  $ fieldmark verify --receipt frame.receipt            what fieldmark receipt got from a witness
  $ fieldmark verify --receipt frame.receipt --cosigner w2.example.org+…    and whether that witness cosigned it
  $ fieldmark verify --evidence fork.json               what a witness found out of a peer's log
  $ fieldmark verify --broker mqtt://localhost --registry r.json --out kept.cborseq   until Ctrl-C; run it again to catch up`;

interface Options extends LiveOptions {
  broker?: BrokerAddress[];
  discover?: boolean | string;
  registry?: string;
  network?: string;
  owner?: string[];
  json?: boolean;
  receipt?: string;
  evidence?: string;
  cosigner?: VerifierKey[];
}

export function verifyCommand(): Command {
  return new Command("verify")
    .description(
      "Check frames from files, standard input (-) or live from brokers: form, signature, chain, range.",
    )
    .argument("[files...]", "frames, as CBOR sequences, the older first; - for standard input")
    .option("--broker <url>", "check what this MQTT broker carries (repeatable)", brokers)
    .option("--discover [interface]", "and those that mDNS finds; interface: its IPv4 address")
    .option(
      "--registry <path>",
      "enrolled devices: a registry file, or a folder of what owners signed (default: site.registry.json for site.cborseq)",
    )
    .option(
      "--owner <did>",
      "with such a folder: who may enrol devices (repeatable; default: anybody)",
      owners,
    )
    .option(
      "--network <name>",
      "with such a folder, where it has statements for several networks",
      networkName,
    )
    .option("--out <file>", "with --broker: append authentic frames to this file, and go on where it ends")
    .option(
      "--rotate <limit>",
      "with --out: close the file after a time (1d) or at a size (100MB), named by the time, and begin the next; give both for whichever comes first",
      rotation,
    )
    .option("--replay", "with --out: print what that file holds, too, before what is new")
    .option(
      "--for <duration>",
      "with --broker: stop after this time, e.g. 15s (default: until Ctrl-C)",
      duration,
    )
    .option("--strict", "with --broker: exit code 1, too, if a frame was neither ok nor duplicate")
    .addOption(
      new Option(
        "--quarantine <size>",
        "with --broker: room for frames of devices that are not enrolled yet; 0B: none",
      )
        .argParser(size)
        .default(32e6, "32MB"),
    )
    .option("--receipt <file>", "check a witness's proof that it has a frame, by nothing but itself", path)
    .option(
      "--cosigner <key>",
      "with --receipt: say whether this cosigner signed, too (repeatable)",
      cosigners,
    )
    .option(
      "--evidence <file>",
      "check that two frames prove a device's equivocation, or two checkpoints a log's fork",
      path,
    )
    .option("--json", "print JSON even on a terminal, and the summary too")
    .addHelpText("after", EXAMPLES)
    .action(run);
}

async function run(files: readonly string[], options: Options): Promise<void> {
  const { receipt, evidence, cosigner = [], json = false } = options;
  if (receipt !== undefined) return verifyReceipt(receipt, cosigner, json);
  if (cosigner.length > 0) throw new InputError("--cosigner goes with --receipt");
  if (evidence !== undefined) {
    const bytes = readFileSync(evidence);
    if (isForkFile(bytes)) return verifyFork(evidence, json);
    const at = registryFile([evidence], options.registry);
    return verifyEvidence(evidence, bytes, openRegistrySource({ path: at }).registry, json);
  }
  const isLive = options.broker !== undefined || options.discover !== undefined;
  if ((files.length === 0) !== isLive)
    throw new InputError(
      "name either a file (or -) or --broker (or --discover), see fieldmark verify --help",
    );
  if (!isLive && (options.out !== undefined || options.for !== undefined))
    throw new InputError("--out and --for go with --broker");
  if (options.rotate !== undefined && options.out === undefined)
    throw new InputError("--rotate goes with --out: there is no file to close");
  if (options.replay === true && options.out === undefined)
    throw new InputError("--replay goes with --out: there is nothing else to print again");
  const path = registryFile(files, options.registry);
  const { network, owner } = options;
  const source = openRegistrySource({ path, network, owners: owner && new Set(owner) });
  await buildChecker(packageRoot, warn);
  const printer = createJudgementPrinter(options.json === true);
  if (isLive) return listen(source, path, await findBrokers(options), options, printer);
  for (const word of source.look().words) warn(word);
  await verifySequences(sequences(files), source.registry, signatureChecker, printer.print);
  printer.summary();
  if (printer.frames === 0) throw new Error("no frames: the input is empty");
  if (printer.bad > 0) throw new Error(`not fine: ${printer.bad} of ${printer.frames} frames`);
}

/** One is open at a time. */
function* sequences(files: readonly string[]): Generator<AsyncIterable<Uint8Array>> {
  for (const file of files) yield file === "-" ? process.stdin : createReadStream(file);
}

function registryFile(files: readonly string[], named: string | undefined): string {
  if (named !== undefined) return named;
  const paths = [...new Set(files.filter((file) => file !== "-").map((file) => registryPath(wholeOf(file))))];
  const path = paths.find((one) => existsSync(one));
  if (path !== undefined) return path;
  const looked =
    paths.length === 0 ? "" : ` (${paths.join(", ")} ${paths.length === 1 ? "is" : "are"} not there)`;
  throw new InputError(`which devices are enrolled? Name the file with --registry${looked}`);
}

const cosigners = (text: string, before: readonly VerifierKey[] = []) => [
  ...before,
  keyOf(text, COSIGNATURE, "--cosigner"),
];

const owners = (text: string, before: readonly string[] = []) => [...before, ownerDid(text)];

/** `1d` or `100MB`. */
function rotation(text: string, before?: Rotation): Rotation {
  const limit = /^[\d.]+(ms|s|m|h|d)$/.test(text) ? { age: duration(text) } : { bytes: size(text) };
  return { ...before, ...limit };
}
