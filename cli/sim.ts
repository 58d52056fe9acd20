import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Command, InvalidArgumentError, Option } from "commander";
import { InputError } from "../agent/input-error.js";
import type { Engine } from "../host-sim/engines/engine.js";
import { DEFAULT_CREATION } from "../host-sim/engines/xs/engine.js";
import { type FleetEvent, type FleetOptions, startFleet } from "../host-sim/fleet/fleet.js";
import { keptNetwork, runNetwork } from "../host-sim/fleet/identities.js";
import { nodeMemory } from "../host-sim/fleet/node-memory.js";
import { keepHeapSmall } from "../host-sim/fleet/small-heap.js";
import { type BrokerAddress, parseBrokerUrl } from "../node/mqtt/broker-address.js";
import { findBrokers } from "./discover.js";
import { startEngine } from "./engine.js";
import { brokers, chosenNetworkName, count, duration, path } from "./options.js";
import { print, printJson } from "./output.js";
import { packageRoot } from "./package-root.js";
import { checksOf, type Gates } from "./render/checks.js";
import { type FleetSummary, fleetSummary } from "./render/fleet-summary.js";
import { createFleetView } from "./render/fleet-view.js";
import { memoryText } from "./render/memory.js";
import { type ArtifactOptions, type Artifacts, openArtifacts } from "./sim-artifacts.js";
import { keptText, type SimWitnesses, startWitnesses } from "./sim-witnesses.js";
import { VERSION } from "./version.js";

const EXAMPLES = `
Other users of this machine can see a password in --broker: give FIELDMARK_BROKER_USER and FIELDMARK_BROKER_PASSWORD in
the environment instead. They go to each --broker that names no user.

Examples:
  $ fieldmark sim                                          five boards and three brokers, until Ctrl-C
  $ fieldmark sim --devices 25 --for 15s --json            for CI: one JSON object, exit code 1 if a frame is lost
  $ fieldmark sim --for 15s --min-frames 100 --max-p99 500 --artifacts artifacts    the same with limits; docs/ci.md
  $ fieldmark sim --devices 10000 --interval 30s --for 60s --memory
  $ fieldmark sim --broker mqtt://localhost:1883 --copies 1
  $ fieldmark sim --for 1m --out site.cborseq && fieldmark verify site.cborseq`;

interface Options extends ArtifactOptions, Gates {
  devices: number;
  witnesses: number;
  epoch: string;
  brokers: number;
  broker?: BrokerAddress[];
  discover?: boolean | string;
  links?: "mqtt" | "memory";
  engine?: Engine["name"];
  memory?: boolean;
  slots: number;
  chunks: number;
  stack: number;
  for?: number;
  seed?: string;
  sensors: "host" | "replay";
  interval: number;
  readings: number;
  copies?: number;
  network?: string;
  state?: string;
  drain: number;
  json?: boolean;
}

export function simCommand(): Command {
  return new Command("sim")
    .description(
      "Run a fleet on this machine: boards that sample, sign and publish, brokers, and a verifier that trusts none of them.\n" +
        "Ctrl-C stops sampling, waits for what is under way, and prints the summary; a second one ends at once.",
    )
    .option("--devices <n>", "boards", count(1, 200_000), 5)
    .addOption(
      new Option(
        "--engine <engine>",
        "xs: the engine that boards have, each within a board's memory; node: V8; rv32: the same on emulated chips, a qemu each (default: xs where there is a C compiler)",
      ).choices(["xs", "node", "rv32"]),
    )
    .option("--brokers <n>", "embedded brokers to start", count(1, 30), 3)
    .option(
      "--broker <url>",
      "use this MQTT broker instead (repeatable); mqtt://user:password@host works",
      brokers,
    )
    .option(
      "--discover [interface]",
      "use the brokers that mDNS finds, too (_mqtt._tcp, _secure-mqtt._tcp); interface: its IPv4 address",
    )
    .addOption(
      new Option(
        "--links <kind>",
        "mqtt: real brokers; memory: none, for large fleets (default: memory above 1000 boards)",
      ).choices(["mqtt", "memory"]),
    )
    .option("--for <duration>", "stop after this time, e.g. 15s, 2m, 24h (default: until Ctrl-C)", duration)
    .addOption(
      new Option("--sensors <set>", "host: this machine's own sensors; replay: recorded climate")
        .choices(["host", "replay"])
        .default("host"),
    )
    .addOption(
      new Option(
        "--interval <duration>",
        "time from one sample to the next; from 2s on each sample is a frame by itself",
      )
        .argParser(duration)
        .default(1000, "1s"),
    )
    .option("--readings <n>", "readings in a frame, at most", count(1, 20), 8)
    .option(
      "--copies <n>",
      "brokers that each frame goes to (default: 2, or 1 with one broker)",
      count(1, 30),
    )
    .option("--seed <s>", "makes the boards' keys, and so their names, the same in each run")
    .option(
      "--state <folder>",
      "keep the boards' keys and boot counters from run to run; one run at a time",
      path,
    )
    .option(
      "--network <name>",
      "network that the frames are signed for; one run at a time (default: four letters, new in each run; with --state, those of the run before)",
      chosenNetworkName,
    )
    .option(
      "--out <file>",
      "write verified frames to this file (.cborseq), and their registry beside it; replaces both",
      path,
    )
    .addOption(
      new Option(
        "--drain <duration>",
        "at the end, wait for frames under way until none has arrived for this long",
      )
        .argParser(duration)
        .default(10_000, "10s"),
    )
    .option("--witnesses <n>", "witnesses beside, each a process of its own", count(0, 16), 0)
    .option("--epoch <duration>", "of the witnesses, in whole seconds", seconds, "10s")
    .option("--slots <n>", "with --engine xs: slots of a board", count(64, 1_000_000), DEFAULT_CREATION.slots)
    .option(
      "--chunks <n>",
      "with --engine xs: chunk bytes of a board",
      count(1024, 1 << 26),
      DEFAULT_CREATION.chunkBytes,
    )
    .option(
      "--stack <n>",
      "with --engine xs: stack slots of a board",
      count(64, 65_536),
      DEFAULT_CREATION.stackSlots,
    )
    .option("--memory", "with --engine xs: say at the end what memory boards used")
    .option("--min-frames <n>", "fail where fewer frames are verified", count(1, 1_000_000_000))
    .option("--max-p99 <ms>", "fail where the p99 from signature to verdict is more", milliseconds)
    .option("--junit <file>", "write what was checked to this file, as JUnit's XML", path)
    .option(
      "--artifacts <folder>",
      "for CI: keep summary, JUnit, frames, registry, seed and log in this folder, also where the run fails",
      path,
    )
    .option("--json", "print one JSON object at the end, and nothing else, on standard output")
    .addHelpText("after", EXAMPLES)
    .action(run);
}

async function run(options: Options): Promise<void> {
  const addresses = await findBrokers(options);
  const brokerCount = addresses.length || options.brokers;
  const { copies = Math.min(2, brokerCount) } = options;
  if (copies > brokerCount)
    throw new InputError(
      `--copies ${copies}: there ${brokerCount === 1 ? "is 1 broker" : `are ${brokerCount} brokers`}, and each takes a frame once`,
    );
  // One that was not given is drawn, so that the same boards can run again. Boards with a state have keys already.
  const seed = options.seed ?? (options.state === undefined ? randomBytes(8).toString("hex") : undefined);
  const network = options.network ?? keptNetwork(options.state) ?? runNetwork(seed);
  const artifacts = openArtifacts(options);
  const { interval } = options;
  const links = options.links ?? linksFor(options, addresses.length > 0);
  if (options.witnesses > 0 && links === "memory")
    throw new InputError("--witnesses: they are processes, and brokers in memory are not for others");
  const folder = options.witnesses === 0 ? undefined : mkdtempSync(join(tmpdir(), "fieldmark-witnesses-"));
  const fleet = {
    ...options,
    out: artifacts.out,
    brokers: options.brokers,
    copies,
    links,
    enrolments: folder && join(folder, "enrolments"),
    addresses,
    recording: join(packageRoot, "data", "seattle-climate-hourly.csv"),
    age: interval < SELDOM ? 2 * interval : SELDOM / 2,
    seed,
    isSeedDrawn: options.seed === undefined,
    network,
  } satisfies FleetOptions;
  let summary: FleetSummary | undefined;
  let failure: Error | undefined;
  try {
    await runFleet(options, fleet, artifacts, (result, error) => {
      summary = result;
      failure = error;
    });
  } catch (error) {
    failure = error as Error;
  } finally {
    if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  }
  const checks = checksOf(summary, failure, options);
  artifacts.write(summary, checks, { seed: seed ?? null, network });
  if (failure !== undefined) throw failure;
  const failed = checks.flatMap((check) => check.failure ?? []);
  if (failed.length > 0) throw new Error(`not fine: ${failed.join("; ")}`);
}

/** `ended` gets the summary, and what ended the run before its time. */
async function runFleet(
  options: Options,
  fleet: FleetOptions & { readonly network: string },
  artifacts: Artifacts,
  ended: (summary: FleetSummary, failure: Error | undefined) => void,
): Promise<void> {
  const stop = createStop(options.for);
  const view = await createFleetView(options.json === true, artifacts.log);
  let witnesses: SimWitnesses | undefined;
  let failure: Error | undefined;
  const fail = (error: Error) => {
    failure ??= error;
    stop.now();
  };
  if (options.devices > LARGE_FLEET) keepHeapSmall();
  const { engine: asked, slots, chunks, stack } = options;
  const creation = { ...DEFAULT_CREATION, slots, chunkBytes: chunks, stackSlots: stack };
  const xs = { root: packageRoot, creation, progress: view.progress, failed: fail };
  const engine = await startEngine(asked, xs, view.warn);
  if (options.memory && engine.name === "node")
    view.warn("--memory says nothing here: boards on Node's engine share one heap");
  view.ready();
  try {
    const running = await startFleet(fleet, engine, async (event: FleetEvent) => {
      if (event.type === "failed") fail(event.error);
      view.event(event);
      if (event.type !== "started" || fleet.enrolments === undefined) return;
      witnesses = await startWitnesses({
        count: options.witnesses,
        registry: fleet.enrolments,
        network: fleet.network,
        epoch: options.epoch,
        brokers:
          fleet.addresses.length > 0 ? fleet.addresses : event.brokers.map((url) => parseBrokerUrl(url)),
        say: view.warn,
      });
      await witnesses.ready;
    });
    stop.arm();
    const started = performance.now();
    view.start(() => running.status());
    await stop.happened;
    const seconds = (performance.now() - started) / 1000;
    view.draining();
    await running.drain(options.drain);
    view.stop();
    const own = process.memoryUsage.rss(); // before the counting, which takes some itself
    const boards = options.memory ? await engine.memory() : undefined;
    const memory = boards && { ...boards, ...nodeMemory(own, boards.residentBytes, boards.boards) };
    const kept = await witnesses?.close();
    await running.close();
    stop.disarm();

    const status = running.status();
    const run = {
      version: VERSION,
      seed: fleet.seed ?? null,
      network: fleet.network,
      engine: engine.name,
      seconds,
    };
    const summary = {
      ...fleetSummary(status, run),
      ...(memory && { memory }),
      ...(kept && { witnesses: kept }),
    };
    ended(summary, failure);
    if (options.json) printJson(summary);
    else
      print(view.summary(summary, fleet) + (memory === undefined ? "" : memoryText(memory)) + keptText(kept));
  } finally {
    await witnesses?.close();
    await engine.close();
  }
}

/** As a witness's configuration has it. */
function seconds(text: string): string {
  if (!/^[1-9]\d{0,5}[smh]$/.test(text)) throw new InvalidArgumentError("It looks like 10s, 5m or 1h.");
  return text;
}

/** A number, or a duration with its unit. */
function milliseconds(text: string): number {
  return /^\d+(\.\d+)?$/.test(text) && Number(text) > 0 ? Number(text) : duration(text);
}

/** Boards that sample more often send two samples in a frame, others each by itself. Milliseconds. */
const SELDOM = 2000;

/** Above so many boards, brokers are in memory by default: real ones want a socket for each board. */
const LARGE_FLEET = 1000;

function linksFor({ devices }: Options, isGiven: boolean): "mqtt" | "memory" {
  return !isGiven && devices > LARGE_FLEET ? "memory" : "mqtt";
}

/** The end of the run: after `limit` milliseconds, or at Ctrl-C. A second Ctrl-C ends the process at once. */
function createStop(limit: number | undefined) {
  let now = () => {};
  let timer: NodeJS.Timeout | undefined;
  const happened = new Promise<void>((resolve) => {
    now = resolve;
  });
  let asked = false;
  const signal = () => {
    if (asked) process.exit(130);
    asked = true;
    now();
  };
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  for (const name of signals) process.on(name, signal);
  return {
    happened,
    now: () => now(),
    arm() {
      if (limit !== undefined) timer = setTimeout(now, limit);
    },
    disarm() {
      clearTimeout(timer);
      for (const name of signals) process.off(name, signal);
    },
  };
}
