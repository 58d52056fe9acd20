#!/usr/bin/env node
import { Command, CommanderError } from "commander";
import { exitCodeOf, messageOf } from "./errors.js";
import { inspectCommand } from "./inspect.js";
import { keygenCommand } from "./keygen.js";
import { signCommand } from "./sign.js";
import { simCommand } from "./sim.js";
import { verifyCommand } from "./verify.js";

const program = new Command("fieldmark")
  .description(
    "Signed sensor readings from boards that many people own, checked by verifiers that trust no one.",
  )
  .version("0.1.0")
  .showHelpAfterError("(add --help for options and examples)")
  .addHelpText("after", "\nExit codes: 0 fine, 1 the thing checked is not fine, 2 bad usage.");

for (const make of [simCommand, verifyCommand, inspectCommand, keygenCommand, signCommand]) {
  const command = make();
  command.copyInheritedSettings(program);
  program.addCommand(command);
}
for (const command of [program, ...program.commands]) command.exitOverride();

// A reader that has seen enough (`| head`) is no error.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit();
});

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = exitCodeOf(error);
  // Commander has printed what it has to say.
  if (!(error instanceof CommanderError)) process.stderr.write(`fieldmark: ${messageOf(error)}\n`);
  if (process.env.FIELDMARK_DEBUG) console.error(error);
}
