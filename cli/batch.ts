import { Command } from "commander";
import { InputError } from "../agent/input-error.js";
import { signatureChecker } from "../node/ports/signer.js";
import { openBatchLog } from "../node/provision/batch-log.js";
import { bundleFromPath } from "../node/provision/files.js";
import { boardsOf } from "../node/provision/port-boards.js";
import { listPorts } from "../node/serial/ports.js";
import { type Bundle, openBundle } from "../provision/bundle/bundle.js";
import { lend } from "../provision/names/board-names.js";
import { type BatchSummary, batch } from "../provision/operations/batch.js";
import { checkBrokers } from "../provision/operations/brokers.js";
import { type CommissionOptions, commission } from "../provision/operations/commission.js";
import { DEFAULT_BAUD, type FlashOptions, flash } from "../provision/operations/flash.js";
import { provision } from "../provision/operations/provision.js";
import { visibleLine } from "../text/visible.js";
import { namesOf } from "./board-names.js";
import { addChip, addFlashBaud, addPorts, brokerCheckOption, downgradeOption } from "./board-options.js";
import { enrolmentOptions } from "./enrolment.js";
import { path } from "./options.js";
import { print, printJson } from "./output.js";
import { writeReceipt } from "./receipts.js";
import { createOperationView } from "./render/operation-view.js";
import { beforeBoards } from "./run-operation.js";
import { type LoadedSite, loadSite, provisioningOf } from "./site-file.js";

const EXAMPLES = `
Each board: flash and compare, settings and Wi-Fi, proof of identity, one verified reading, registry, receipt and label. A board that is in
the log as done is left alone, so that the same command goes on where it ended. With --next, each port waits for the next board: Ctrl-C then
ends the waiting, and boards that are being done are finished. Another Ctrl-C ends at once; what was half done is done again.

Examples:
  $ fieldmark batch site.toml                                     every port that looks like a board
  $ fieldmark batch site.toml -p /dev/ttyUSB0 -p /dev/ttyUSB1 --next --log today.csv`;

interface Options {
  port?: string[];
  baud: number;
  chip?: string;
  wifiPasswordFile?: string;
  log?: string;
  next?: boolean;
  brokerCheck: boolean;
  downgrade?: boolean;
  json?: boolean;
}

export function batchCommand(): Command {
  const command = new Command("batch")
    .description("Take board after board from its box to its receipt, on several ports at once.")
    .argument("<site>", "site file (TOML)", path)
    .option("--wifi-password-file <file>", "the Wi-Fi password: the file's first line", path)
    .option(
      "--log <file>",
      "log to go on with: .csv, or JSON lines (default: batch.jsonl beside the site file)",
      path,
    )
    .option("--next", "after each board wait for the next one on the same port")
    .addOption(brokerCheckOption())
    .addOption(downgradeOption())
    .option("--json", "print events as JSON, one object a line");
  return addChip(addFlashBaud(addPorts(command), DEFAULT_BAUD))
    .addHelpText("after", EXAMPLES)
    .action(run);
}

async function run(file: string, options: Options): Promise<void> {
  const loaded = loadSite(file);
  const { site, at } = loaded;
  const log = openBatchLog(options.log ?? at(site.batch?.log ?? "batch.jsonl"));
  const portsOfBoards = await portNames(loaded, options);
  const { common, flashFor } = await commissionOptions(loaded, options).catch((error: unknown) => {
    throw beforeBoards(error);
  });
  const receipts = at(site.batch?.receipts ?? "receipts");
  const stop = new AbortController();
  const ports = boardsOf(portsOfBoards, options.next === true, stop.signal);
  const view = await createOperationView(options.json === true);
  const names = namesOf(loaded, log.named, (question) => view.ask(question));
  const running = batch(ports, {
    log,
    now: () => Date.now(),
    async *commission(wire, refuseDone) {
      const { nameFor, keep, giveBack } = lend(names);
      try {
        const flash = flashFor(({ mac }) => refuseDone(mac));
        const options = { ...common, flash, acceptDevice: refuseDone, nameFor };
        const { receipt } = yield* commission(wire, options);
        await writeReceipt(receipts, receipt);
        keep();
        return receipt;
      } catch (error) {
        giveBack();
        throw error;
      }
    },
  });
  // The first one ends the waiting, and boards that are being done are finished; a second one ends at once.
  if (options.next) process.once("SIGINT", () => stop.abort());
  try {
    for (;;) {
      const { done, value } = await running.next();
      if (done) return summarize(value, receipts, options);
      view.event(value.event, value.board);
    }
  } finally {
    names?.close();
    view.close();
  }
}

/** What is the same for all boards; `flashFor` is given what looks at a chip before it is written. */
async function commissionOptions(loaded: LoadedSite, options: Options) {
  const { site, at, owner, ownerKey } = loaded;
  const { name, network } = site.site;
  const registry = at(site.batch?.registry ?? "registry.json");
  const bundle = await bundleOf(loaded);
  const provisioning = await provisioningOf(loaded, options.wifiPasswordFile);
  const { baud, chip, downgrade = false } = options;
  const flashing = { baud, downgrade, ...(chip !== undefined && { chip }) };
  const common: CommissionOptions = {
    ...enrolmentOptions({ network, site: name, owner, ownerKey, sensors: site, registry }),
    manifestSha256: bundle?.manifestSha256,
    provision: (client, place) =>
      provision(client, { ...provisioning, ...(place !== undefined && { name: place.name }) }),
    brokers: options.brokerCheck ? (client) => checkBrokers(client, { offline: "fails" }) : undefined,
  };
  const flashFor = (accept: FlashOptions["accept"]): CommissionOptions["flash"] =>
    bundle && ((wire) => flash(wire, bundle, { ...flashing, ...(accept && { accept }) }));
  return { common, flashFor };
}

async function bundleOf({ site, at }: LoadedSite): Promise<Bundle | undefined> {
  const { firmware } = site;
  if (firmware === undefined) return undefined;
  return openBundle(await bundleFromPath(at(firmware.bundle)), firmware.signer, signatureChecker);
}

async function portNames({ site }: LoadedSite, { port }: Options): Promise<readonly string[]> {
  const named = port ?? site.batch?.ports;
  if (named !== undefined) return named;
  const found = (await listPorts()).filter(({ bridge }) => bridge !== undefined).map(({ path }) => path);
  if (found.length > 0) return found;
  throw new InputError("no port looks like a board: plug one in, or name ports with --port");
}

function summarize({ done, failed, skipped }: BatchSummary, receipts: string, { json }: Options): void {
  if (failed.length > 0) process.exitCode = 1;
  if (json) {
    const devices = done.map(({ device }) => device);
    printJson({ type: "summary", done: devices, failed, skipped });
    return;
  }
  const lines = [`${done.length} done, ${failed.length} failed, ${skipped} done before`];
  if (done.length > 0) lines.push(`receipts and labels: ${receipts}`);
  for (const { port, mac, device, step, code, reason } of failed)
    lines.push(visibleLine(`failed: ${mac || device || port}  ${step}  ${code}  ${reason}`));
  print(lines.join("\n"));
}
