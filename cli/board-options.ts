import { type Command, InvalidArgumentError, Option } from "commander";
import { OperationError, type Step } from "../provision/events.js";
import { openWire } from "../provision/node/open-wire.js";
import { type FoundPort, listPorts } from "../provision/node/ports.js";
import type { Wire } from "../provision/wire.js";

export interface PortOptions {
  port?: string;
}

/** -p, as esptool has it. */
export function addPort(command: Command): Command {
  return command.addOption(
    new Option(
      "-p, --port <name>",
      "serial port, or rfc2217://host:port (default: the one that looks like a board)",
    ).env("ESPTOOL_PORT"),
  );
}

/** -p again and again. */
export function addPorts(command: Command): Command {
  return command.addOption(
    new Option("-p, --port <name>", "serial port, or rfc2217://host:port (repeatable)")
      .env("ESPTOOL_PORT")
      .argParser((text: string, before: readonly string[] | undefined) => {
        if (before?.includes(text)) throw new InvalidArgumentError("The same port twice.");
        return [...(before ?? []), text];
      }),
  );
}

export function addBaud(command: Command, value: number): Command {
  return command.addOption(
    new Option("-b, --baud <rate>", "bits a second; slower where that does not go well")
      .env("ESPTOOL_BAUD")
      .argParser(baud)
      .default(value),
  );
}

export function addChip(command: Command): Command {
  return command.option("-c, --chip <name>", "the chip that it must be, for instance esp32c3", (text) =>
    text.toLowerCase().replaceAll("-", ""),
  );
}

function baud(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < 9600 || value > 3_000_000)
    throw new InvalidArgumentError("It is a number of bits a second, from 9600 to 3000000.");
  return value;
}

/** The port that was named, or the only one that looks like a board. Throws OperationError. */
export async function openPort({ port }: PortOptions, step: Step): Promise<Wire> {
  return openWire(port ?? onlyBoard(await listPorts(), step), step);
}

export function onlyBoard(ports: readonly FoundPort[], step: Step): string {
  const boards = ports.filter(({ bridge }) => bridge !== undefined);
  const [first, ...others] = boards;
  if (first !== undefined && others.length === 0) return first.path;
  throw new OperationError(
    step,
    "no-port",
    first === undefined
      ? "no port looks like a board"
      : `several ports look like boards: ${boards.map(({ path }) => path).join(", ")}`,
    "Name one with --port; fieldmark scan lists them.",
  );
}
