import { Command, InvalidArgumentError } from "commander";
import { InputError } from "../agent/input-error.js";
import { readKeyFile } from "../node/key-file.js";
import { createSigner } from "../node/ports/signer.js";
import type { BoardClient } from "../provision/board-client.js";
import { checkClock } from "../provision/clock.js";
import { type Operation, OperationError } from "../provision/events.js";
import type { BoardPlace, Position } from "../provision/names/place.js";
import { asked } from "../provision/operations/board.js";
import { checkBrokers } from "../provision/operations/brokers.js";
import { commission } from "../provision/operations/commission.js";
import type { Receipt } from "../provision/operations/receipt.js";
import { addPort, brokerCheckOption, openPort, type PortOptions } from "./board-options.js";
import { enrolReceipts } from "./enrol-receipts.js";
import { type EnrolmentInit, enrolmentOptions } from "./enrolment.js";
import { boardName, networkName, path, position } from "./options.js";
import { print } from "./output.js";
import { writeReceipt } from "./receipts.js";
import { runOperation } from "./run-operation.js";
import { loadSite } from "./site-file.js";

const EXAMPLES = `
The board proves who it is, signs one reading, which is checked as a verifier checks it, and only then goes into the registry.

Examples:
  $ fieldmark enrol --site site.toml
  $ fieldmark enrol --network demo --site-name roof --owner-key owner.json --registry registry.json --receipts receipts
  $ fieldmark enrol --site site.toml --receipt receipts-2026-05-04.json    boards that were set up in a browser`;

const NAME_IT = "name a site file with --site, or --network and --site-name";

interface Options extends PortOptions {
  site?: string;
  siteName?: string;
  network?: string;
  ownerKey?: string;
  name?: string;
  position?: Position;
  registry?: string;
  receipts?: string;
  brokerCheck: boolean;
  receipt?: string[];
  json?: boolean;
}

export function enrolCommand(): Command {
  const command = new Command("enrol")
    .description("Enrol a board: its proof of identity, its first reading, registry, receipt and label.")
    .option("--site <file>", "site file: names, owner's key, sensors, registry", path)
    .option("--site-name <name>", "where the board will be", siteName)
    .option("--network <name>", "network that the board signs for", networkName)
    .option(
      "--owner-key <file>",
      "key that signs that the board is yours, and its later orders (fieldmark keygen)",
      path,
    )
    .option("--name <text>", "what people call it (default: as it was provisioned)", boardName)
    .option("--position <lat,lon[,alt]>", "where it is, in degrees and metres: 47.3769,8.5417,408", position)
    .option("--registry <file>", "registry to put it into (default: registry.json)", path)
    .option("--receipts <folder>", "where receipt and label go (default: receipts)", path)
    .addOption(brokerCheckOption())
    .option(
      "--receipt <file...>",
      "boards by their receipts, as the page saves them: no port is opened",
      paths,
    )
    .option("--json", "print events as JSON, one object a line");
  return addPort(command).addHelpText("after", EXAMPLES).action(run);
}

const paths = (text: string, before: readonly string[] | undefined) => [...(before ?? []), path(text)];

function siteName(text: string): string {
  if (text.trim() === "") throw new InvalidArgumentError("It is empty: name the place.");
  return text;
}

async function run(options: Options): Promise<void> {
  const loaded = options.site === undefined ? undefined : loadSite(options.site);
  const network = options.network ?? loaded?.site.site.network;
  const site = options.siteName ?? loaded?.site.site.name;
  if (network === undefined) throw new InputError(NAME_IT);
  const { batch } = loaded?.site ?? {};
  const folder = options.receipts ?? loaded?.at(batch?.receipts ?? "receipts") ?? "receipts";
  const owner = options.ownerKey === undefined ? loaded?.owner : createSigner(readKeyFile(options.ownerKey));
  const enrolment = {
    network,
    sensors: loaded?.site ?? {},
    owner,
    ownerKey: owner?.publicKey ?? loaded?.ownerKey,
    registry: options.registry ?? loaded?.at(batch?.registry ?? "registry.json") ?? "registry.json",
  };
  if (options.receipt !== undefined) {
    const desk = { ...enrolment, site, receipts: folder };
    return await enrolReceipts(options.receipt, desk, options.json === true);
  }
  if (site === undefined) throw new InputError(NAME_IT);
  const receipt = await runOperation(operation(options, { ...enrolment, site }), options.json === true);
  if (receipt === undefined) return;
  const file = await writeReceipt(folder, receipt);
  if (!options.json) print(`receipt ${file}`);
}

/** A name that the board was given counts, too: one that it made itself ends with its own address (agent/provision/board-host.ts). */
async function placeOf(client: BoardClient, { name, position }: Options): Promise<BoardPlace | undefined> {
  const own = name === undefined ? await asked("enrol", "no-firmware", () => client.name()) : "";
  const called = name ?? (/^Fieldmark [0-9a-f]{4}$/.test(own) ? undefined : own);
  if (called === undefined && position !== undefined)
    throw new OperationError(
      "enrol",
      "no-name",
      "a position wants a name beside it",
      "Name the board with --name.",
    );
  return called === undefined ? undefined : { name: called, ...(position !== undefined && { position }) };
}

async function* operation(options: Options, given: EnrolmentInit): Operation<Receipt> {
  checkClock(Date.now(), "enrol");
  const wire = await openPort(options, "enrol");
  const again = () => Date.now();
  try {
    const { receipt } = yield* commission(wire, {
      ...enrolmentOptions(given),
      nameFor: (_ids, client) => placeOf(client, options),
      brokers: options.brokerCheck
        ? (client) => checkBrokers(client, { offline: "fails", again })
        : undefined,
    });
    return receipt;
  } finally {
    await wire.close();
  }
}
