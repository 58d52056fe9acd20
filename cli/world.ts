import { closeSync, writeSync } from "node:fs";
import { Command, Option } from "commander";
import { z } from "zod";
import { InputError } from "../agent/input-error.js";
import { replayCommand } from "../host-sim/world/command.js";
import type { VirtualEngine } from "../host-sim/world/engine.js";
import { type FaultKindName, isFaultKind, usualFaults } from "../host-sim/world/faults/kinds.js";
import type { Keep, RunOptions } from "../host-sim/world/options.js";
import type { Fault } from "../host-sim/world/plan.js";
import { planOf, type RunResult, run } from "../host-sim/world/run.js";
import {
  changesAgent,
  isSabotage,
  SABOTAGE_NAMES,
  type SabotageName,
} from "../host-sim/world/sabotage/all.js";
import { type Found, search, seedsFrom, swarmFrom } from "../host-sim/world/search.js";
import { shrink } from "../host-sim/world/shrink.js";
import { startVirtualXs } from "../host-sim/world/xs/engine.js";
import { openToOverwrite } from "../node/files.js";
import { readTextFile } from "../node/text-file.js";
import { parseJson } from "../text/json-text.js";
import { issueText } from "../text/zod-issue.js";
import { count, duration, numbers, path } from "./options.js";
import { print, printJson, tell } from "./output.js";
import { packageRoot } from "./package-root.js";
import {
  catalogue,
  failureText,
  runText,
  type SearchSummary,
  searchProgress,
  searchText,
  summaryOf,
} from "./render/world.js";

/** Texts that name faults and sabotages are read later. */
interface Options {
  devices: number;
  engine: "node" | "xs";
  for: number;
  interval: number;
  keep: Keep;
  seed?: number;
  faults?: string;
  sabotage?: string;
  untilFailure?: boolean;
  seeds?: number;
  swarm?: number;
  trace?: string;
  plan?: string;
  only?: readonly number[];
  boards?: readonly number[];
  until?: number;
  shrink?: boolean;
  json?: boolean;
}

const BROKERS = 3;
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const MAX_DEVICES = 2000;
const MAX_SEED = 9_999_999_999;
/** Runs, and milliseconds of real time, that making a failing run smaller may take. */
const SHRINK_RUNS = 150;
const SHRINK_TIME = 2 * MINUTE;

const EXAMPLES = `
Examples:
  $ fieldmark world --seed 7 --devices 100 --for 24h         a day in a minute, with faults
  $ fieldmark world --engine xs --seed 7 --devices 3 --for 2h
  $ fieldmark world --seed 7 --devices 4 --for 2h --faults freeze,power-cut --trace trace.txt
  $ fieldmark world --swarm 5m                               new seeds, random subsets of the faults
  $ fieldmark world --seed 1 --until-failure                 this seed, the next one and so on
  $ fieldmark world --sabotage acknowledge-early --until-failure --devices 8 --for 4h

Exit code 1: something went wrong that must not; the command that shows it again is printed. docs/simulator.md.`;

export function worldCommand(): Command {
  return new Command("world")
    .description(
      "Run boards, three brokers and a verifier in virtual time, with faults: no sockets and no waiting, all of it from one seed.",
    )
    .option("--devices <n>", "boards", count(1, MAX_DEVICES), 5)
    .addOption(
      new Option("--engine <engine>", "node: V8; xs: the engine that boards have")
        .choices(["node", "xs"])
        .default("node"),
    )
    .addOption(
      new Option("--for <duration>", "how long, of virtual time, at least 1m")
        .argParser(duration)
        .default(DAY, "24h"),
    )
    .addOption(
      new Option("--interval <duration>", "time from one sample to the next")
        .argParser(duration)
        .default(MINUTE, "1m"),
    )
    .addOption(
      new Option("--keep <whose>", "whose word lets a frame leave its board, as the setting keep")
        .choices(["brokers", "witnesses"])
        .default("brokers"),
    )
    .option(
      "--seed <n>",
      "what all that is left to chance comes from (default: 1; for --swarm the time of day)",
      count(0, MAX_SEED),
    )
    .option("--faults <names>", '"all", "none", or some of them, by commas; "list" names them (default: all)')
    .option("--sabotage <name>", 'break one thing, which must be found; "list" names them')
    .option("--until-failure", "this seed, the next one and so on, until an oracle fires")
    .option("--seeds <n>", "this seed and the next ones, so many in all", count(1, 1_000_000))
    .option("--swarm <duration>", "for so long, new seeds with random subsets of the faults", duration)
    .option("--trace <file>", "write all that happened, a line each", path)
    .option("--plan <file>", "the faults of this JSON file, not those of the seed", path)
    .option("--only <numbers>", 'of the faults these numbers only, or "none"', numbers)
    .option("--boards <numbers>", "of the boards these numbers only", numbers)
    .option("--until <duration>", "the run as --for makes it, cut off here", duration)
    .option("--no-shrink", "report a failing run as it is, not a smaller one")
    .option("--json", "print one JSON object at the end, and nothing else, on standard output")
    .addHelpText("after", EXAMPLES)
    .action(runWorld);
}

/**
 * Throws Error where an oracle fired, after it was reported; with boards on XS it returns a
 * promise, which then rejects.
 */
function runWorld(given: Options): void | Promise<void> {
  if (given.faults === "list" || given.sabotage === "list") {
    print(catalogue(given.faults === "list" ? "faults" : "sabotages"));
    return;
  }
  const options = runOptions(given);
  return given.engine === "xs" ? runOnXs(given, options) : runOrSearch(given, options);
}

async function runOnXs(given: Options, options: RunOptions): Promise<void> {
  const engine = await startVirtualXs({ root: packageRoot, progress: tell });
  try {
    runOrSearch(given, { ...options, engine });
  } finally {
    await engine.close();
  }
}

function runOrSearch(given: Options, options: RunOptions): void {
  const isSearch = given.swarm !== undefined || given.untilFailure === true || given.seeds !== undefined;
  const found = isSearch ? searchFor(given, options) : runOnce(given, options);
  if (found !== undefined) throw new Error(`${found.result.failure.oracle}: ${found.result.failure.message}`);
}

function runOptions(given: Options): RunOptions {
  const { devices, engine, only, boards, until, plan } = given;
  if (given.swarm !== undefined && (given.untilFailure === true || given.seeds !== undefined))
    throw new InputError("--swarm, --seeds and --until-failure: give one of them");
  const isMany = given.swarm !== undefined || given.untilFailure === true || given.seeds !== undefined;
  const forOne = ["trace", "plan", "only", "boards", "until"] as const;
  const wrong = forOne.find((name) => given[name] !== undefined);
  if (isMany && wrong !== undefined)
    throw new InputError(
      `--${wrong} belongs to one run: give it without --swarm, --seeds and --until-failure`,
    );
  const strange = boards?.find((board) => board >= devices);
  if (strange !== undefined) throw new InputError(`--boards: there is no board ${strange} of ${devices}`);
  if (boards?.length === 0) throw new InputError("--boards: a run has at least one");
  if (given.keep === "witnesses" && engine === "xs")
    throw new InputError("--keep witnesses: boards on XS have no witnesses here; --engine node");
  if (given.for < MINUTE) throw new InputError("--for: at least 1m of virtual time");
  return {
    seed: seedOf(given),
    devices,
    brokers: BROKERS,
    duration: Math.round(given.for),
    interval: Math.round(given.interval),
    keep: given.keep,
    kinds: faultKinds(given.faults ?? "all", given.keep),
    sabotage: sabotageName(given.sabotage, engine),
    ...(plan !== undefined && { plan: readPlan(plan) }),
    ...(only !== undefined && { only }),
    ...(boards !== undefined && { boards }),
    ...(until !== undefined && { until: Math.round(until) }),
  };
}

/** For a swarm the time of day, as it is to try what nobody has. */
function seedOf({ seed, swarm }: Options): number {
  return seed ?? (swarm === undefined ? 1 : Math.floor(Date.now() / 1000));
}

function faultKinds(text: string, keep: Keep): readonly FaultKindName[] {
  if (text === "all") return usualFaults(keep);
  if (text === "none") return [];
  const names = text.split(",");
  const wrong = names.find((name) => !isFaultKind(name));
  if (wrong !== undefined)
    throw new InputError(`--faults: there is no fault "${wrong}"; --faults list names them`);
  return usualFaults("witnesses").filter((name) => names.includes(name));
}

function sabotageName(
  name: string | undefined,
  engine: VirtualEngine["name"] = "node",
): SabotageName | undefined {
  if (name !== undefined && isSabotage(name) && engine === "xs" && changesAgent(name))
    throw new InputError(
      `--sabotage ${name} changes the agent, which on XS is another program: --engine node`,
    );
  if (name === undefined || isSabotage(name)) return name;
  throw new InputError(`--sabotage: there is no "${name}"; there are ${SABOTAGE_NAMES.join(", ")}`);
}

const PlannedFault = z.strictObject({
  at: z.number().int().min(0),
  for: z.number().int().min(0),
  kind: z.string().refine(isFaultKind, "not a fault; --faults list names them"),
  whom: z
    .string()
    .regex(/^(board-\d+|broker-[0-2]|verifier|(board-\d+|verifier)\/(broker-[0-2]|\*))$/, "nobody's name"),
  how: z.record(z.string(), z.union([z.number(), z.string()])),
});

/** A JSON array of faults. Throws InputError that says which of them is wrong, and how. */
function readPlan(file: string): Fault[] {
  const text = readTextFile(file);
  let json: unknown;
  try {
    json = parseJson(text);
  } catch (error) {
    throw new InputError(`--plan: ${file} is ${(error as Error).message}`);
  }
  const parsed = z.array(PlannedFault).safeParse(json);
  if (parsed.success) return parsed.data;
  throw new InputError(`--plan: ${file}: ${issueText(parsed.error)}`);
}

function runOnce(given: Options, options: RunOptions): Found | undefined {
  const began = performance.now();
  const file = given.trace === undefined ? undefined : openToOverwrite(given.trace);
  let result: RunResult;
  try {
    result = run(options, file === undefined ? undefined : (text) => void writeSync(file, text));
  } finally {
    if (file !== undefined) closeSync(file);
  }
  const summary = summaryOf(options, result, performance.now() - began);
  const { failure } = result;
  const found = failure === null ? undefined : smaller(given, { options, result: { ...result, failure } });
  const reported = found && failureOf(found, given);
  if (given.json) printJson({ ...summary, failure: reported ?? null });
  else print(runText(summary) + (found === undefined ? "" : describe(found, given)));
  return found;
}

function searchFor(given: Options, options: RunOptions): Found | undefined {
  const began = performance.now();
  const { swarm, seeds = Number.POSITIVE_INFINITY } = given;
  const tally = { runs: 0, simulated: 0, signed: 0, cuts: 0 };
  const isOver = () => swarm !== undefined && performance.now() - began >= swarm;
  const progress = searchProgress();
  const all = swarm === undefined ? seedsFrom(options, seeds) : swarmFrom(options);
  const first = search(all, tally, isOver, (one) => progress.told(one, tally, performance.now() - began));
  const found = first && smaller(given, first);
  const elapsed = performance.now() - began;
  const summary: SearchSummary = {
    ...tally,
    seed: options.seed,
    seconds: Math.round(tally.simulated / 1000),
    speed: Math.round(tally.simulated / elapsed),
    failure: found === undefined ? null : failureOf(found, given),
  };
  if (given.json) printJson(summary);
  else print(searchText(summary) + (found === undefined ? "" : describe(found, given)));
  return found;
}

function smaller({ shrink: isWanted, json }: Options, found: Found): Found {
  if (isWanted === false) return found;
  if (json !== true) tell(`${found.result.failure.oracle} fired; making the run smaller …`);
  const end = performance.now() + SHRINK_TIME;
  return shrink(found.options, found.result, SHRINK_RUNS, () => performance.now() > end);
}

function failureOf({ options, result: { failure } }: Found, { plan }: Options) {
  return { ...failure, at: failure.at / 1000, replay: replayCommand(options, plan) };
}

function describe({ options, result: { failure } }: Found, { plan }: Options): string {
  return failureText(failure, planOf(options), replayCommand(options, plan));
}
