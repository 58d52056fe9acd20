import { readFileSync } from "node:fs";
import { Argument, Command, InvalidArgumentError } from "commander";
import { connectAsync, type MqttClient } from "mqtt";
import { commandTopic, statusTopic } from "../agent/frame/topic.js";
import { type CommandVerb, writeCommand } from "../agent/provision/command.js";
import { resetConfirmation } from "../agent/provision/exchange.js";
import { BOARD_NAMES } from "../agent/settings/board-settings.js";
import { parseSettings } from "../agent/settings/settings.js";
import { createSigner } from "../host-sim/ports/signer.js";
import { type BrokerAddress, mqttOptions, nameOf } from "../network/broker-address.js";
import { reasonOf } from "../network/mqtt.js";
import { readKeyFile } from "../tools/key-file.js";
import { brokersWithoutPassword, duration, networkName, path } from "./options.js";

const EXAMPLES = `
The order is retained at the broker, so that a board that is away gets it when it is back, and obeys it once. It is signed, not secret: brokers can read it, so give
passwords over the serial port (fieldmark provision). After an order a board starts anew; its status says so, and this waits for it.

Examples:
  $ fieldmark order restart --device 1e39a9da1e1bfa7a --owner-key owner.json --broker mqtt://localhost:1883
  $ echo '{"readings": 8, "age": 60000}' > change.json
  $ fieldmark order settings change.json --device 1e39a9da1e1bfa7a --owner-key owner.json --broker mqtts://broker.example
  $ fieldmark order reset --device 1e39a9da1e1bfa7a --confirm "ERASE 1e39a9da1e1bfa7a" --owner-key owner.json --broker mqtt://localhost:1883

Exit codes: 0 the board started anew, 1 it did not in time, 2 bad usage.`;

interface Options {
  device: string;
  network: string;
  ownerKey: string;
  broker: BrokerAddress[];
  confirm?: string;
  wait?: number;
  json?: boolean;
}

export function orderCommand(): Command {
  return new Command("order")
    .description("Order a board to do something, signed with its owner's key: over MQTT, wherever it is.")
    .addArgument(new Argument("<verb>", "what to do").choices(["settings", "restart", "reset"]))
    .argument("[file]", "settings: a JSON object with those that change", path)
    .requiredOption("--device <id>", "the board: 16 hex digits, as its label says", device)
    .requiredOption(
      "--owner-key <file>",
      "key of the owner that the board was given (fieldmark keygen)",
      path,
    )
    .requiredOption("--broker <url>", "a broker that the board is connected to", brokersWithoutPassword)
    .option("--network <name>", "network that the board signs for", networkName, "demo")
    .option("--confirm <words>", 'reset: "ERASE <id>". Settings, owner and waiting frames are lost')
    .option("--wait <duration>", "for the board to start anew (default: 30s)", duration)
    .option("--json", "print JSON")
    .addHelpText("after", EXAMPLES)
    .action(run);
}

function device(text: string): string {
  if (!/^[0-9a-f]{16}$/.test(text)) throw new InvalidArgumentError("It has 16 digits of lower-case hex.");
  return text;
}

/** What the board reads as the order's body. Throws RangeError for what it would refuse. */
function bodyOf(verb: CommandVerb, file: string | undefined, { device: id, confirm }: Options): string {
  if (verb !== "settings" && file !== undefined) throw new RangeError(`${verb} takes no file`);
  if (verb === "reset") {
    const words = resetConfirmation(id);
    if (confirm === words) return words;
    throw new RangeError(
      `the board would forget settings, owner and waiting frames; if that is meant: --confirm "${words}"`,
    );
  }
  if (verb === "restart") return "";
  if (file === undefined) throw new RangeError("settings: name a file with those that change");
  const text = readFileSync(file, "utf8");
  parseSettings(file, text, BOARD_NAMES);
  return text.trim();
}

async function run(verb: CommandVerb, file: string | undefined, options: Options): Promise<void> {
  const { device: id, network, wait = 30_000 } = options;
  const broker = options.broker[0] as BrokerAddress;
  const body = bodyOf(verb, file, options);
  const owner = createSigner(readKeyFile(options.ownerKey));
  const kid = new Uint8Array(Buffer.from(id, "hex"));
  // The time rises by itself: no file has to remember the last order.
  const counter = Date.now();
  const order = writeCommand({ network, kid, counter, verb, body }, owner);
  const client = await connected(broker);
  try {
    const restarted = await publish(client, { order, network, id, wait });
    const outcome = { device: id, verb, counter, bytes: order.length, restarted };
    if (options.json) process.stdout.write(`${JSON.stringify(outcome)}\n`);
    else process.stdout.write(`${id} ${restarted ? "has started anew" : noWord(wait)}\n`);
    if (!restarted) process.exitCode = 1;
  } finally {
    await client.endAsync();
  }
}

const noWord = (wait: number) =>
  `did not say within ${wait / 1000} s that it started anew. The order stays at the broker for when it is back; a board without an owner, or with another, refuses it.`;

async function connected(broker: BrokerAddress): Promise<MqttClient> {
  try {
    return await connectAsync({ ...mqttOptions(broker), reconnectPeriod: 0 });
  } catch (error) {
    throw new Error(`${nameOf(broker)}: ${reasonOf(error as Error)}`);
  }
}

interface Publication {
  readonly order: Uint8Array;
  readonly network: string;
  readonly id: string;
  readonly wait: number;
}

/** Milliseconds in which a broker says what is retained. */
const RETAINED = 1000;

/** Publishes, and says whether the board told of a later boot than before. */
async function publish(client: MqttClient, { order, network, id, wait }: Publication): Promise<boolean> {
  let before: number | undefined;
  let heard = () => {};
  let ended = (_: boolean) => {};
  const isKnown = new Promise<void>((resolve) => {
    heard = resolve;
  });
  const isOver = new Promise<boolean>((resolve) => {
    ended = resolve;
  });
  client.on("message", (_topic, payload) => {
    const boot = bootOf(payload);
    if (boot === undefined) return; // away: its first word when it is back comes before it gets the order
    before ??= boot;
    if (boot > before) ended(true);
    heard();
  });
  client.on("close", () => ended(false));
  const timers = [setTimeout(heard, RETAINED), setTimeout(() => ended(false), RETAINED + wait)];
  try {
    await client.subscribeAsync(statusTopic(network, id), { qos: 1 });
    await isKnown;
    await client.publishAsync(commandTopic(network, id), Buffer.from(order), { qos: 1, retain: true });
    return await isOver;
  } finally {
    for (const timer of timers) clearTimeout(timer);
  }
}

/** The boot number that a status names; undefined for anything else, such as a last will. */
function bootOf(payload: Uint8Array): number | undefined {
  try {
    const status: unknown = JSON.parse(Buffer.from(payload).toString());
    const { boot } = status as { boot?: unknown };
    return typeof boot === "number" ? boot : undefined;
  } catch {
    return undefined;
  }
}
