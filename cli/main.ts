#!/usr/bin/env node
import { Command, CommanderError } from "commander";
import { InputError } from "../agent/input-error.js";
import { exitCodeOf, messageOf, withoutPasswords } from "./errors.js";
import { print, tell, warn } from "./output.js";
import { watchStreams } from "./streams.js";
import { VERSION } from "./version.js";

const EXAMPLES = `
Examples:
  $ fieldmark sim --for 15s --out site.cborseq      five boards and three brokers on this machine
  $ fieldmark world --seed 7 --for 24h              the same in virtual time, with faults
  $ fieldmark verify site.cborseq                   check what they signed
  $ fieldmark witness init --network demo ...       a witness that one leaves running
  $ fieldmark inspect site.cborseq --limit 1        a frame, byte by byte
  $ fieldmark keygen board7.json                    a key of your own
  $ fieldmark sign --key-file board7.json --senml readings.json --out mine.cborseq
  $ fieldmark doctor                                what could be in a technician's way
  $ fieldmark scan --identify                       the boards at this machine's ports
  $ fieldmark flash fieldmark-0.1.0.zip --signer did:key:zQ3s…
  $ fieldmark batch site.toml                       board after board, from the box to the receipt
  $ fieldmark registry end 1e39a9da1e1bfa7a --owner-key owner.json
  $ fieldmark serve --site site.toml                the technician's page
  $ fieldmark board                                 a simulated board to try all that on

Exit codes: 0 fine, 1 the thing checked is not fine, 2 bad usage.`;

const shown = (text: string) => withoutPasswords(text, process.argv.slice(2));
watchStreams(shown);

const program = new Command("fieldmark")
  .description(
    "Signed sensor readings from boards that many people own, checked by verifiers that trust no one.",
  )
  .version(VERSION)
  .showHelpAfterError("(add --help for options and examples)")
  .configureOutput({ writeOut: print, writeErr: (text) => tell(shown(text)) })
  .addHelpText("after", EXAMPLES);

/** Only the verb that is run is loaded: what the others need takes time and memory, which fleets have better use for. */
const VERBS = {
  sim: async () => (await import("./sim.js")).simCommand(),
  world: async () => (await import("./world.js")).worldCommand(),
  verify: async () => (await import("./verify.js")).verifyCommand(),
  inspect: async () => (await import("./inspect.js")).inspectCommand(),
  keygen: async () => (await import("./keygen.js")).keygenCommand(),
  sign: async () => (await import("./sign.js")).signCommand(),
  scan: async () => (await import("./scan.js")).scanCommand(),
  flash: async () => (await import("./flash.js")).flashCommand(),
  provision: async () => (await import("./provision.js")).provisionCommand(),
  enrol: async () => (await import("./enrol.js")).enrolCommand(),
  batch: async () => (await import("./batch.js")).batchCommand(),
  monitor: async () => (await import("./monitor.js")).monitorCommand(),
  doctor: async () => (await import("./doctor.js")).doctorCommand(),
  bundle: async () => (await import("./bundle.js")).bundleCommand(),
  serve: async () => (await import("./serve.js")).serveCommand(),
  registry: async () => (await import("./registry.js")).registryCommand(),
  order: async () => (await import("./order.js")).orderCommand(),
  witness: async () => (await import("./witness.js")).witnessCommand(),
  receipt: async () => (await import("./receipt.js")).receiptCommand(),
  board: async () => (await import("./board.js")).boardCommand(),
};
const given = Object.entries(VERBS).filter(([verb]) => verb === process.argv[2]);
for (const [, load] of given.length > 0 ? given : Object.entries(VERBS)) {
  const command = await load();
  command.copyInheritedSettings(program);
  program.addCommand(command);
}
for (const command of [program, ...program.commands]) command.exitOverride();

try {
  const [, , verb, ...rest] = process.argv;
  if (verb === "sim" && rest.includes("--virtual"))
    throw new InputError(
      `sim --virtual is a verb of its own now: fieldmark world ${rest.filter((word) => word !== "--virtual").join(" ")}`,
    );
  await program.parseAsync();
} catch (error) {
  process.exitCode = exitCodeOf(error);
  // Commander has printed what it has to say.
  if (!(error instanceof CommanderError)) warn(shown(messageOf(error)));
  if (process.env.FIELDMARK_DEBUG) tell(shown(String(error instanceof Error ? error.stack : error)));
}
