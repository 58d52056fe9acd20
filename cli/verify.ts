import { createHash, randomBytes } from "node:crypto";
import { createReadStream, existsSync } from "node:fs";
import { hostname } from "node:os";
import { resolve } from "node:path";
import { Command } from "commander";
import { hasher, signatureChecker } from "../host-sim/ports/signer.js";
import { registryPath } from "../host-sim/site.js";
import type { BrokerAddress } from "../network/broker-address.js";
import type { Judgement } from "../network/witness/judgement.js";
import { loadRegistry, type Registry } from "../network/witness/registry.js";
import { mqttSource } from "../network/witness/subscriber.js";
import { createVerifier } from "../network/witness/verifier.js";
import { verifySequence } from "../network/witness/verify-file.js";
import { findBrokers } from "./discover.js";
import { brokers, duration } from "./options.js";
import { createJudgementPrinter } from "./render/judgements.js";

const EXAMPLES = `
Without --json, a terminal gets one readable line a frame; anything else gets JSON, one object a line.
The summary goes to standard error. Exit code 1 if a frame is neither "ok" nor "duplicate", if the input holds no
frames, or if no broker could be reached.

Examples:
  $ fieldmark verify site.cborseq                       finds site.registry.json by itself
  $ fieldmark verify - --registry r.json < site.cborseq
  $ fieldmark verify site.cborseq --json | jq -r '.readings[]? | [.time, .name, .value] | @tsv'
  $ fieldmark verify --broker mqtt://localhost --registry r.json --out kept.cborseq   until Ctrl-C; run it again to catch up`;

interface Options {
  broker?: BrokerAddress[];
  discover?: boolean | string;
  registry?: string;
  out?: string;
  for?: number;
  json?: boolean;
}

export function verifyCommand(): Command {
  return new Command("verify")
    .description(
      "Check frames from a file, standard input (-) or live from brokers: form, signature, chain, range.",
    )
    .argument("[file]", "frames, as a CBOR sequence; - for standard input")
    .option("--broker <url>", "check what this MQTT broker carries (repeatable)", brokers)
    .option("--discover [interface]", "and those that mDNS finds; interface: its IPv4 address")
    .option("--registry <file>", "enrolled devices (default: site.registry.json for site.cborseq)")
    .option("--out <file>", "with --broker: append authentic frames to this file, and go on where it ends")
    .option(
      "--for <duration>",
      "with --broker: stop after this time, e.g. 15s (default: until Ctrl-C)",
      duration,
    )
    .option("--json", "print JSON even on a terminal, and the summary too")
    .addHelpText("after", EXAMPLES)
    .action(run);
}

async function run(file: string | undefined, options: Options): Promise<void> {
  const isLive = options.broker !== undefined || options.discover !== undefined;
  if ((file === undefined) !== isLive)
    throw new RangeError(
      "name either a file (or -) or --broker (or --discover), see fieldmark verify --help",
    );
  if (file !== undefined && (options.out !== undefined || options.for !== undefined))
    throw new RangeError("--out and --for go with --broker");
  const registry = loadRegistry(registryFile(file, options.registry), hasher);
  const printer = createJudgementPrinter(options.json === true);
  if (file !== undefined) {
    const input = file === "-" ? process.stdin : createReadStream(file);
    await verifySequence(input, registry, signatureChecker, printer.print);
  } else {
    await listen(registry, await findBrokers(options), options, printer.print);
  }
  printer.summary();
  if (file !== undefined && printer.frames === 0) throw new Error("no frames: the input is empty");
  if (printer.bad > 0) throw new Error(`not fine: ${printer.bad} of ${printer.frames} frames`);
}

function registryFile(file: string | undefined, named: string | undefined): string {
  if (named !== undefined) return named;
  const path = file === undefined || file === "-" ? undefined : registryPath(file);
  if (path !== undefined && existsSync(path)) return path;
  const looked = path === undefined ? "" : ` (${path} is not there)`;
  throw new RangeError(`which devices are enrolled? Name the file with --registry${looked}`);
}

async function listen(
  registry: Registry,
  addresses: readonly BrokerAddress[],
  options: Options,
  judged: (judgement: Judgement) => void,
): Promise<void> {
  const out = options.out === undefined ? undefined : resolve(options.out);
  const session = createHash("sha256")
    .update(`${hostname()} ${registry.network} ${out ?? randomBytes(8).toString("hex")}`)
    .digest("hex");
  let end = () => {};
  const ended = new Promise<void>((done) => {
    end = done;
  });
  let failure: Error | undefined;
  let isReached = false;
  let lastLoss = "none answers";
  const verifier = createVerifier({
    registry,
    signatures: signatureChecker,
    sources: addresses.map((address, index) =>
      mqttSource({
        address,
        network: registry.network,
        // Two URLs may lead to one broker, which has only one session of a name.
        clientId: `fieldmark-verify-${session.slice(0, 12)}-${index}`,
        keepSession: out !== undefined,
      }),
    ),
    out,
    judged,
    state(broker, state, reason) {
      if (state === "subscribed") isReached = true;
      else lastLoss = `${broker}: ${reason}`;
      process.stderr.write(`fieldmark: ${broker}: ${state}${reason === "" ? "" : ` (${reason})`}\n`);
    },
    failed(error) {
      failure = new Error(error.message);
      end();
    },
  });
  const { frames, torn } = verifier.recovery;
  if (frames > 0) process.stderr.write(`fieldmark: ${out} holds ${frames} frames already\n`);
  if (torn > 0)
    process.stderr.write(`fieldmark: ${out}: cut off ${torn} bytes of a frame that was not written whole\n`);
  const timer = options.for === undefined ? undefined : setTimeout(end, options.for);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => end());
  await ended;
  clearTimeout(timer);
  await verifier.close(false);
  if (failure !== undefined) throw failure;
  if (!isReached) throw new Error(`no broker could be reached (${lastLoss})`);
}
