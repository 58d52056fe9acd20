import { Command } from "commander";
import { resetBoard } from "../provision/flash/loader.js";
import { addPort, baudOption, openPort, type PortOptions } from "./board-options.js";
import { duration } from "./options.js";
import { print, printJson, warn } from "./output.js";
import { type ConsoleLine, ConsoleReader, lineText } from "./render/console-lines.js";
import { beforeBoards } from "./run-operation.js";

const EXAMPLES = `
Frames in the log are laid open, and Improv packets named; signatures are not checked. Ctrl-C ends.

Examples:
  $ fieldmark monitor
  $ fieldmark monitor --port /dev/ttyUSB0 --reset --json
  $ fieldmark monitor -p rfc2217://127.0.0.1:4000 --for 30s`;

interface Options extends PortOptions {
  baud: number;
  reset?: boolean;
  for?: number;
  json?: boolean;
}

const CONSOLE_BAUD = 115_200;

export function monitorCommand(): Command {
  const command = new Command("monitor")
    .description("Show what a board says on its serial port.")
    .option("--reset", "restart the board first")
    .option("--for <duration>", "end after this time, e.g. 30s (default: until Ctrl-C)", duration)
    .option("--json", "print JSON, one object a line");
  return addPort(command)
    .addOption(baudOption("bits a second at which the board speaks", CONSOLE_BAUD))
    .addHelpText("after", EXAMPLES)
    .action(run);
}

async function run(options: Options): Promise<void> {
  const wire = await openPort(options, "scan").catch((error: unknown) => {
    throw beforeBoards(error);
  });
  const show = (line: ConsoleLine) => {
    const at = new Date();
    if (options.json) printJson({ at: at.toISOString(), ...line });
    else print(`${at.toISOString().slice(11, 23)}  ${lineText(line)}`);
  };
  const reader = new ConsoleReader(show);
  wire.receive((data) => reader.received(data));
  await wire.setBaud(options.baud);
  if (options.reset) {
    await resetBoard(wire, "scan");
    await wire.setBaud(options.baud);
  }
  let isAsked = false;
  const ask = () => {
    isAsked = true;
    void wire.close();
  };
  const timer = options.for === undefined ? undefined : setTimeout(ask, options.for);
  process.once("SIGINT", ask);
  process.once("SIGTERM", ask);
  await wire.closed;
  clearTimeout(timer);
  reader.end();
  if (isAsked) return;
  warn(`${wire.name}: the connection to the board broke off`);
  process.exitCode = 1;
}
