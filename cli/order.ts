import { Argument, Command, InvalidArgumentError } from "commander";
import { hex, isSameBytes, kidOfKey } from "../agent/cose/kid.js";
import { InputError } from "../agent/input-error.js";
import { type Command as BoardCommand, MOST_AHEAD, writeCommand } from "../agent/provision/command.js";
import { resetConfirmation } from "../agent/provision/exchange.js";
import { OWNERSHIP_BYTES } from "../agent/provision/owner.js";
import { BOARD_NAMES } from "../agent/settings/board-settings.js";
import { checkChosen } from "../agent/settings/chosen.js";
import { parseSettings } from "../agent/settings/settings.js";
import { readKeyFile } from "../node/key-file.js";
import type { BrokerAddress } from "../node/mqtt/broker-address.js";
import { loadRegistry } from "../node/network/registry-file.js";
import { createSigner, hasher } from "../node/ports/signer.js";
import { type Findings, OrderDesk, type OwnerStanding, standingOf } from "../node/provision/order-desk.js";
import { readTextFile } from "../node/text-file.js";
import { CLOCK_HINT, clockTrouble } from "../provision/clock.js";
import { visible } from "../text/visible.js";
import { brokersWithoutPassword, duration, networkName, path } from "./options.js";
import { print, printJson, warn } from "./output.js";
import { answerLine, clearedLines, orderWarnings } from "./render/order.js";

const EXAMPLES = `
The order is retained at the broker, so that a board that is away gets it when it is back, and obeys it once; after --valid it counts no more. The board answers,
signed with its key, and this waits for that. An order is signed, not secret: brokers can read it, so give passwords over the serial port (fieldmark provision).

Examples:
  $ fieldmark order restart --device 1e39a9da1e1bfa7a --owner-key owner.json --broker mqtt://localhost:1883
  $ echo '{"readings": 8, "age": 60000}' > change.json
  $ fieldmark order settings change.json --device 1e39a9da1e1bfa7a --owner-key owner.json --broker mqtts://broker.example
  $ fieldmark order reset --device 1e39a9da1e1bfa7a --confirm "ERASE 1e39a9da1e1bfa7a" --owner-key owner.json --broker mqtt://localhost:1883
  $ fieldmark order --clear --device 1e39a9da1e1bfa7a --broker mqtt://localhost:1883

Exit codes: 0 the board obeyed (or: no order waits any more), 1 it refused, or no answer came in time, or a broker fails, 2 bad usage.`;

/** Longer than a board that lost its broker stays away from it by itself. */
const WAIT = 90_000;

/** Milliseconds for which an order counts. */
const VALID = 24 * 3_600_000;
/** Orders that are given at the most: a board says, signed, under which ownership and counter it takes the next one. */
const TRIES = 3;

/** What an owner orders over MQTT. */
type Verb = Exclude<BoardCommand["verb"], "clock">;

interface Options {
  device: string;
  network: string;
  ownerKey?: string;
  broker: BrokerAddress[];
  confirm?: string;
  wait?: number;
  valid?: number;
  registry?: string;
  clear?: boolean;
  force?: boolean;
  json?: boolean;
}

export function orderCommand(): Command {
  return new Command("order")
    .description("Order a board to do something, signed with its owner's key: over MQTT, wherever it is.")
    .addArgument(new Argument("[verb]", "what to do").choices(["settings", "restart", "reset"]))
    .argument("[file]", "settings: a JSON object with those that change", path)
    .requiredOption("--device <id>", "the board: 16 hex digits, as its label says", device)
    .option("--owner-key <file>", "key of the owner that the board was given (fieldmark keygen)", path)
    .requiredOption(
      "--broker <url>",
      "a broker that the board is connected to (repeatable)",
      brokersWithoutPassword,
    )
    .option("--network <name>", "network that the board signs for", networkName, "demo")
    .option(
      "--registry <file>",
      "registry of the network: the board's key, by which its answer is checked",
      path,
    )
    .option("--confirm <words>", 'reset: "ERASE <id>". Settings, owner and waiting frames are lost')
    .option("--wait <duration>", "for the board's answer (default: 90s)", duration)
    .option(
      "--valid <duration>",
      "the order counts for so long, by the board's clock (default: 1d)",
      duration,
    )
    .option("--clear", "no verb: remove the order that waits at the broker, whosever it is")
    .option("--force", "send it though another owner's order waits there, or the board has another owner")
    .option("--json", "print JSON")
    .addHelpText("after", EXAMPLES)
    .action(run);
}

function device(text: string): string {
  if (!/^[0-9a-f]{16}$/.test(text)) throw new InvalidArgumentError("It has 16 digits of lower-case hex.");
  return text;
}

/** What the board reads as the order's body. Throws InputError for what it would refuse. */
function bodyOf(verb: Verb, file: string | undefined, { device: id, confirm, network }: Options): string {
  if (verb !== "settings" && file !== undefined) throw new InputError(`${verb} takes no file`);
  if (verb === "reset") {
    const words = resetConfirmation(id);
    if (confirm === words) return words;
    throw new InputError(
      `the board would forget settings, owner and waiting frames; if that is meant: --confirm "${words}"`,
    );
  }
  if (verb === "restart") return "";
  if (file === undefined) throw new InputError("settings: name a file with those that change");
  const text = readTextFile(file);
  const given = parseSettings(file, text, BOARD_NAMES);
  try {
    checkChosen(given, network);
  } catch (error) {
    throw new InputError(`${file}: ${(error as Error).message}`);
  }
  return text.trim();
}

async function run(verb: Verb | undefined, file: string | undefined, options: Options): Promise<void> {
  if (options.clear === true) {
    if (verb !== undefined) throw new InputError("--clear gives no order: leave the verb away");
    await withDesk(options, undefined, (desk) => clear(desk, options));
    return;
  }
  if (verb === undefined) throw new InputError("name what to do: settings, restart or reset (or --clear)");
  if (options.ownerKey === undefined) throw new InputError("--owner-key: name the file of the owner's key");
  const { device: id, network, wait = WAIT, valid = VALID } = options;
  const body = bodyOf(verb, file, options);
  const owner = createSigner(readKeyFile(options.ownerKey));
  const ownerKid = hex(kidOfKey(owner.publicKey, hasher));
  const kid = new Uint8Array(Buffer.from(id, "hex"));
  const now = Date.now();
  const trouble = clockTrouble(now);
  if (trouble !== undefined) throw new Error(`${trouble}\n${CLOCK_HINT}`);
  const until = Math.ceil((now + valid) / 1000);
  const write = (ownership: Uint8Array, counter: number) =>
    writeCommand({ network, kid, ownership, counter, until, verb, body }, owner);
  const publicKey = keyInRegistry(options);
  await withDesk({ ...options, publicKey }, { kid: ownerKid, publicKey: owner.publicKey }, async (desk) => {
    const { findings } = desk;
    const isKnown = findings.isHeardOf || publicKey !== undefined;
    for (const line of orderWarnings(desk, { id, isKnown, ownerKid })) warn(line);
    const obstacle = obstacleOf(findings, id, ownerKid);
    if (obstacle !== undefined && options.force !== true) throw new Error(`${obstacle} Nothing was sent.`);
    let { ownership, last } = startOf(findings, ownerKid);
    let order = write(ownership, last + 1);
    let reply = await desk.give(order, wait);
    for (let left = TRIES; left > 1; left--) {
      const said = reply.outcome?.outcome === "refused" ? standingOf(reply.outcome) : undefined;
      if (said?.owner !== ownerKid || (isSameBytes(said.ownership, ownership) && said.last === last)) break;
      ({ ownership, last } = said);
      order = write(ownership, last + 1);
      reply = await desk.give(order, wait);
    }
    const counter = last + 1;
    for (const { broker, reason } of desk.failures) warn(`${broker}: ${visible(reason)}`);
    const { outcome, seen, taken } = reply;
    const line = answerLine(reply, { id, verb, wait });
    if (options.json)
      printJson({
        device: id,
        verb,
        counter,
        bytes: order.length,
        brokers: taken,
        retained: seen,
        outcome: outcome?.outcome ?? null,
        reason: outcome?.reason ?? line,
        ...(outcome !== undefined && { boot: outcome.boot }),
      });
    else print(line);
    if (outcome === undefined || outcome.outcome === "refused") process.exitCode = 1;
  });
}

/**
 * From where this owner's orders go on: by the board's signed word, else by its status. Where neither knows, or both are wrong, the board
 * refuses, and says so, signed.
 */
function startOf(
  { signed, hint, waiting }: Findings,
  ownerKid: string,
): Pick<OwnerStanding, "ownership" | "last"> {
  const [known] = [signed, hint].filter((it) => it?.owner === ownerKid);
  const ownership = known?.ownership ?? new Uint8Array(OWNERSHIP_BYTES);
  let last = signed !== undefined && known === signed ? signed.last : 0;
  const most = last + MOST_AHEAD;
  for (const { command } of waiting)
    if (command !== undefined && isSameBytes(command.ownership, ownership) && command.counter < most)
      last = Math.max(last, command.counter);
  return { ownership, last };
}

/** Why an order should not be sent: it would take a better one's place, or be refused. Nobody's unsigned word is enough for that. */
function obstacleOf({ signed, hint, waiting }: Findings, id: string, ownerKid: string): string | undefined {
  if (signed?.owner === ownerKid) return undefined;
  if (signed !== undefined && hint?.owner !== ownerKid)
    return `${id} has signed that ${keyName(signed.owner)}, and this key is ${ownerKid}: it would refuse the order (--force sends it).`;
  const other = waiting.find(({ kid, isAnswered }) => kid !== undefined && kid !== ownerKid && !isAnswered);
  return (
    other &&
    `${other.broker}: an order of another key, ${other.kid}, waits there for ${id}, and would be lost. Nobody says which key is its owner's (--force sends this one, ${ownerKid}, in its place; order --clear removes that one).`
  );
}

const keyName = (owner: string) => (owner === "" ? "it has no owner" : `its owner's key is ${owner}`);

async function clear(desk: OrderDesk, { device: id, json }: Options): Promise<void> {
  const { waiting } = desk.findings;
  const cleared = await desk.clear();
  for (const { broker, reason } of desk.failures) warn(`${broker}: ${visible(reason)}`);
  if (json) printJson({ device: id, cleared });
  else for (const line of clearedLines(id, waiting, cleared)) print(line);
  if (desk.failures.length > 0) process.exitCode = 1;
}

async function withDesk(
  options: Options & { publicKey?: Uint8Array | undefined },
  owner: { kid: string; publicKey: Uint8Array } | undefined,
  use: (desk: OrderDesk) => Promise<void>,
): Promise<void> {
  const { broker: brokers, network, device: id, publicKey } = options;
  await interruptible(async (signal) => {
    const desk = await OrderDesk.open({ brokers, network, device: id, owner, publicKey, signal });
    try {
      await use(desk);
    } finally {
      await desk.end();
    }
  });
}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Whoever ends it is told what that means. */
async function interruptible(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const ending = new AbortController();
  const interrupt = () => ending.abort();
  for (const name of SIGNALS) process.once(name, interrupt);
  try {
    await work(ending.signal);
  } catch (error) {
    if (!ending.signal.aborted) throw error;
    throw new Error(
      "interrupted: an order that a broker has by now waits for the board there (fieldmark order --clear removes it)",
    );
  } finally {
    for (const name of SIGNALS) process.off(name, interrupt);
  }
}

/** The board's key in the registry, where there is one and the board is in it. */
function keyInRegistry({ registry: file, device: id, network }: Options): Uint8Array | undefined {
  if (file === undefined) return undefined;
  const registry = loadRegistry(file);
  if (registry.network !== network)
    throw new InputError(`--network: ${network}, but ${file} is the registry of ${registry.network}`);
  const enrolled = registry.device(id);
  if (enrolled === undefined) warn(`${id} is not in ${file}`);
  return enrolled?.publicKey;
}
