import { Command } from "commander";
import { signatureChecker } from "../node/ports/signer.js";
import { bundleFromPath } from "../node/provision/files.js";
import { openBundle } from "../provision/bundle/bundle.js";
import type { Operation } from "../provision/events.js";
import { DEFAULT_BAUD, type Flashed, flash } from "../provision/operations/flash.js";
import {
  addChip,
  addFlashBaud,
  addPort,
  downgradeOption,
  openPort,
  type PortOptions,
} from "./board-options.js";
import { path } from "./options.js";
import { print } from "./output.js";
import { runOperation } from "./run-operation.js";

const EXAMPLES = `
The bundle is a folder or a zip with manifest.json, as ESP Web Tools has it, and its signature; fieldmark bundle makes one. What does not
check is not written. The partition that holds the board's identity key is neither written nor erased, unless told so in words.

Examples:
  $ fieldmark flash fieldmark-0.1.0.zip --signer did:key:zQ3s…       the only board there is
  $ fieldmark flash build/ --signer did:key:zQ3s… --port /dev/ttyUSB0 --baud 921600 --chip esp32c3
  $ fieldmark flash fieldmark-0.1.0.zip --signer did:key:zQ3s… --erase-identity "ERASE 34:85:18:01:02:03"`;

interface Options extends PortOptions {
  baud: number;
  chip?: string;
  signer?: string;
  eraseIdentity?: string;
  downgrade?: boolean;
  json?: boolean;
}

export function flashCommand(): Command {
  const command = new Command("flash")
    .description("Write firmware to a board, and compare what the chip then holds.")
    .argument("<bundle>", "folder or zip", path)
    .option("--signer <did>", "did:key of who made the bundle")
    .option("--erase-identity <words>", "erase the board's identity, too: ERASE and the chip's address")
    .addOption(downgradeOption())
    .option("--json", "print events as JSON, one object a line");
  return addChip(addFlashBaud(addPort(command), DEFAULT_BAUD))
    .addHelpText("after", EXAMPLES)
    .action(async (bundle: string, options: Options) => {
      const flashed = await runOperation(operation(bundle, options), options.json === true);
      if (flashed !== undefined && !options.json)
        print(`written and compared: ${flashed.bytes} bytes at ${flashed.baud} baud`);
    });
}

async function* operation(path: string, options: Options): Operation<Flashed> {
  const bundle = await openBundle(await bundleFromPath(path), options.signer, signatureChecker);
  const wire = await openPort(options, "flash");
  try {
    const { baud, chip, eraseIdentity, downgrade = false } = options;
    return yield* flash(wire, bundle, {
      baud,
      downgrade,
      ...(chip !== undefined && { chip }),
      ...(eraseIdentity !== undefined && { eraseIdentity }),
    });
  } finally {
    await wire.close();
  }
}
