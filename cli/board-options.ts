import { type Command, InvalidArgumentError, Option } from "commander";
import { openWire } from "../node/serial/open-wire.js";
import { type FoundPort, listPorts } from "../node/serial/ports.js";
import { chipName } from "../provision/bundle/manifest.js";
import { OperationError, type Step } from "../provision/events.js";
import { CHIP_NAMES } from "../provision/flash/chips.js";
import { isRfc2217, parseRfc2217 } from "../provision/rfc2217-url.js";
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
    )
      .env("ESPTOOL_PORT")
      .argParser(portName),
  );
}

/** Throws InputError, which commander passes on as it is: its own would repeat a password. */
export function portName(text: string): string {
  if (text === "") throw new InvalidArgumentError("It is empty: name a port.");
  if (isRfc2217(text)) parseRfc2217(text);
  return text;
}

/** -p again and again. */
export function addPorts(command: Command): Command {
  return command.addOption(
    new Option("-p, --port <name>", "serial port, or rfc2217://host:port (repeatable)")
      .env("ESPTOOL_PORT")
      .argParser((text: string, before: readonly string[] | undefined) => {
        if (before?.includes(text)) throw new InvalidArgumentError("The same port twice.");
        return [...(before ?? []), portName(text)];
      }),
  );
}

export function brokerCheckOption(): Option {
  return new Option("--no-broker-check", "do not ask the board whether its brokers take it");
}

/** -b of those who flash. ESPTOOL_BAUD is about that; boards speak at a rate of their own. */
export function addFlashBaud(command: Command, value: number): Command {
  const option = baudOption("bits a second to flash at; slower where that does not go well", value);
  return command.addOption(option.env("ESPTOOL_BAUD"));
}

export const baudOption = (what: string, value: number): Option =>
  new Option("-b, --baud <rate>", what).argParser(baud).default(value);

export const downgradeOption = (): Option =>
  new Option("--downgrade", "write an older release than the board has, too");

export function addChip(command: Command): Command {
  return command.option("-c, --chip <name>", "the chip that it must be, for instance esp32c3", chip);
}

function chip(text: string): string {
  const name = chipName(text);
  if (!CHIP_NAMES.some((known) => known === name))
    throw new InvalidArgumentError(`It is one of ${CHIP_NAMES.join(", ")}.`);
  return name;
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
