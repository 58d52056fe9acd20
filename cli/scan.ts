import { Command } from "commander";
import { openWire } from "../node/serial/open-wire.js";
import { type FoundPort, findPort, listPorts } from "../node/serial/ports.js";
import { BoardClient } from "../provision/board-client.js";
import { OperationError } from "../provision/events.js";
import { Loader, ROM_BAUD, resetBoard } from "../provision/flash/loader.js";
import { isRfc2217 } from "../provision/rfc2217-url.js";
import { visible } from "../text/visible.js";
import { addPorts } from "./board-options.js";
import { print, printJson } from "./output.js";

const EXAMPLES = `
Examples:
  $ fieldmark scan                                 the ports of this machine
  $ fieldmark scan --identify                      and what is behind those that look like boards: resets them
  $ fieldmark scan --port rfc2217://127.0.0.1:4000 --identify --json`;

interface Options {
  port?: string[];
  identify?: boolean;
  json?: boolean;
}

export interface Found extends FoundPort {
  readonly chip?: string;
  readonly mac?: string;
  readonly firmware?: string;
  readonly name?: string;
  readonly problem?: string;
}

export function scanCommand(): Command {
  const command = new Command("scan")
    .description("List serial ports, and the boards behind them.")
    .option("--identify", "ask chip and firmware; resets the boards")
    .option("--json", "print JSON, one object a port");
  return addPorts(command).addHelpText("after", EXAMPLES).action(run);
}

async function run({ port: named, identify = false, json = false }: Options): Promise<void> {
  const listed = named === undefined ? await listPorts() : await Promise.all(named.map(portNamed));
  const asked = (found: FoundPort) => identify && (named !== undefined || found.bridge !== undefined);
  const found: Found[] = await Promise.all(
    listed.map(async (port) => (asked(port) ? { ...port, ...(await whatIsAt(port.path)) } : port)),
  );
  if (json) for (const port of found) printJson(port);
  else print(found.length === 0 ? "no serial port" : found.map(foundLine).join("\n"));
  if (found.some(({ problem }) => problem !== undefined)) process.exitCode = 1;
}

/** A port that was named need not be one that the system lists. */
async function portNamed(path: string): Promise<FoundPort> {
  const found = isRfc2217(path) ? undefined : await findPort(path).catch(() => undefined);
  return { ...found, path };
}

/** Firmware first, which a reset would disturb; then the chip. */
async function whatIsAt(path: string): Promise<Partial<Found>> {
  const found: { firmware?: string; name?: string } = {};
  try {
    const wire = await openWire(path, "scan");
    try {
      const client = new BoardClient(wire, { timeout: 500, tries: 3 });
      const info = await client.info().catch(() => undefined);
      client.close();
      if (info !== undefined) {
        found.firmware = `${info.firmware} ${info.version}`;
        found.name = info.name;
      }
      const loader = await Loader.open(wire, ROM_BAUD, "identify");
      const { chip, mac } = loader.info;
      await loader.close();
      await resetBoard(wire, "identify");
      return { ...found, chip, mac };
    } finally {
      await wire.close();
    }
  } catch (error) {
    if (!(error instanceof OperationError)) throw error;
    // A board that holds its firmware and has no reset line is found all the same.
    if (found.firmware !== undefined && error.code === "no-loader") return found;
    return { ...found, problem: error.message };
  }
}

/** Never throws, whatever the board says of itself. */
export function foundLine({
  path,
  usb,
  bridge,
  manufacturer,
  chip,
  mac,
  firmware,
  name,
  problem,
}: Found): string {
  const what = [bridge ?? manufacturer, usb, chip, mac, firmware, name, problem];
  return [path, ...what.flatMap((text) => text ?? [])].map((text) => visible(text)).join("  ");
}
