import { Command } from "commander";
import { signatureChecker } from "../node/ports/signer.js";
import { openBatchLog } from "../node/provision/batch-log.js";
import { bundleFromPath } from "../node/provision/files.js";
import { boardsOf } from "../node/provision/port-boards.js";
import { proof } from "../node/provision/proof.js";
import { register } from "../node/provision/registry-file.js";
import { listPorts } from "../node/serial/ports.js";
import { type Bundle, openBundle } from "../provision/bundle/bundle.js";
import type { BoardPlace } from "../provision/names/place.js";
import { type BatchSummary, batch } from "../provision/operations/batch.js";
import { type CommissionOptions, commission } from "../provision/operations/commission.js";
import type { Enrolled } from "../provision/operations/enrol.js";
import { DEFAULT_BAUD } from "../provision/operations/flash.js";
import { enrolledSensors, rangesOf } from "../provision/site/ranges.js";
import { visibleLine } from "../text/visible.js";
import { namesOf } from "./board-names.js";
import { addChip, addFlashBaud, addPorts, brokerCheckOption, downgradeOption } from "./board-options.js";
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
  const shared = await commissionOptions(loaded, options).catch((error: unknown) => {
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
      const accept = ({ mac }: { mac: string }) => refuseDone(mac);
      let held: { readonly place: BoardPlace; readonly ids: readonly string[] } | undefined;
      const nameFor =
        names &&
        (async (ids: readonly string[]) => {
          held = { place: await names.take(ids), ids };
          return held.place;
        });
      try {
        const own = { ...shared, accept, acceptDevice: refuseDone };
        const receipt = yield* commission(wire, { ...own, ...(nameFor && { nameFor }) });
        await writeReceipt(receipts, receipt);
        if (held !== undefined) names?.keep(held.place, held.ids);
        return receipt;
      } catch (error) {
        if (held !== undefined) names?.give(held.place);
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

async function commissionOptions(loaded: LoadedSite, options: Options): Promise<CommissionOptions> {
  const { site, at, owner } = loaded;
  const { name, network } = site.site;
  const registry = at(site.batch?.registry ?? "registry.json");
  const bundle = await bundleOf(loaded);
  const sensorsOf = ({ quantities }: Enrolled["statement"]) => enrolledSensors(quantities, site);
  return {
    network,
    site: name,
    baud: options.baud,
    downgrade: options.downgrade === true,
    ...proof,
    now: () => Date.now(),
    provisioning: await provisioningOf(loaded, options.wifiPasswordFile),
    ranges: (quantities) => rangesOf(enrolledSensors(quantities, site)),
    async register({ statement }, place) {
      const sensors = sensorsOf(statement);
      const { did, configuration } = statement;
      register(registry, network, {
        did,
        site: name,
        enrolled: new Date().toISOString(),
        ...place,
        sensors,
        configurations: [configuration],
      });
    },
    ...(owner !== undefined && { owner }),
    ...(loaded.ownerKey !== undefined && { ownerKey: loaded.ownerKey }),
    ...(bundle !== undefined && { bundle }),
    ...(options.chip !== undefined && { chip: options.chip }),
    ...(options.brokerCheck && { brokers: {} }),
  };
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
  throw new RangeError("no port looks like a board: plug one in, or name ports with --port");
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
