import { type Command, InvalidArgumentError } from "commander";
import { count, duration, path } from "./options.js";

/** What `sim` takes for virtual time and for nothing else; texts that name faults and sabotages are read later. */
export interface VirtualOptions {
  virtual?: boolean;
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
}

/** By the names that commander gives them. */
const VIRTUAL_ONLY = [
  "faults",
  "sabotage",
  "untilFailure",
  "seeds",
  "swarm",
  "trace",
  "plan",
  "only",
  "boards",
  "until",
  "shrink",
];
const REAL_ONLY = [
  "brokers",
  "discover",
  "broker",
  "links",
  "sensors",
  "readings",
  "copies",
  "network",
  "state",
  "out",
  "drain",
  "memory",
  "slots",
  "chunks",
  "stack",
  "minFrames",
  "maxP99",
  "junit",
  "artifacts",
];

export function addVirtualOptions(command: Command): Command {
  return command
    .option("--virtual", "no sockets and no waiting: a world in virtual time, with faults, from one seed")
    .option(
      "--faults <names>",
      'with --virtual: "all", "none", or some of them, by commas; "list" names them (default: all)',
    )
    .option("--sabotage <name>", 'with --virtual: break one thing, which must be found; "list" names them')
    .option("--until-failure", "with --virtual: this seed, the next one and so on, until an oracle fires")
    .option("--seeds <n>", "with --virtual: this seed and the next ones, so many in all", count(1, 1_000_000))
    .option(
      "--swarm <duration>",
      "with --virtual: for so long, new seeds with random subsets of the faults",
      duration,
    )
    .option("--trace <file>", "with --virtual: write all that happened, a line each", path)
    .option("--plan <file>", "with --virtual: the faults of this JSON file, not those of the seed", path)
    .option("--only <numbers>", 'with --virtual: of the faults these numbers only, or "none"', numbers)
    .option("--boards <numbers>", "with --virtual: of the boards these numbers only", numbers)
    .option("--until <duration>", "with --virtual: the run as --for makes it, cut off here", duration)
    .option("--no-shrink", "with --virtual: report a failing run as it is, not a smaller one");
}

/** Throws RangeError where options of one mode are given in the other. */
export function checkMode(command: Command, isVirtual: boolean): void {
  const given = (name: string) => command.getOptionValueSource(name) === "cli";
  const wrong = (isVirtual ? REAL_ONLY : VIRTUAL_ONLY).find(given);
  if (wrong === undefined) return;
  const option = command.options.find((one) => one.attributeName() === wrong)?.long ?? wrong;
  throw new RangeError(
    isVirtual
      ? `${option} means nothing with --virtual: leave it out`
      : `${option} needs --virtual beside it`,
  );
}

/** `3,17`; `none` is an empty list. */
function numbers(text: string): readonly number[] {
  if (text === "none") return [];
  const list = text.split(",").map(Number);
  if (!/^\d+(,\d+)*$/.test(text))
    throw new InvalidArgumentError('They are whole numbers with commas between, like 3,17, or "none".');
  return list;
}
