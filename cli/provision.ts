import { Command, InvalidArgumentError } from "commander";
import { InputError } from "../agent/input-error.js";
import { resetConfirmation } from "../agent/provision/exchange.js";
import { isHost } from "../agent/settings/host.js";
import { readKeyFile } from "../node/key-file.js";
import type { BrokerAddress } from "../node/mqtt/broker-address.js";
import { createSigner } from "../node/ports/signer.js";
import { proof } from "../node/provision/proof.js";
import type { BoardClient } from "../provision/board-client.js";
import { type Operation, OperationError } from "../provision/events.js";
import { own } from "../provision/operations/authority.js";
import { asked, awaitBoard } from "../provision/operations/board.js";
import { checkBrokers } from "../provision/operations/brokers.js";
import { prove } from "../provision/operations/prove.js";
import { type ProvisionOptions, provision } from "../provision/operations/provision.js";
import { addPort, brokerCheckOption, openPort, type PortOptions } from "./board-options.js";
import { boardName, brokersWithoutPassword, chosenNetworkName, path } from "./options.js";
import { print } from "./output.js";
import { runOperation } from "./run-operation.js";
import { wifiPassword } from "./secrets.js";
import { loadSite, provisioningOf } from "./site-file.js";

const EXAMPLES = `
The Wi-Fi password comes from --wifi-password-file, FIELDMARK_WIFI_PASSWORD, or a prompt. A broker that names no user gets
FIELDMARK_BROKER_USER and FIELDMARK_BROKER_PASSWORD. Settings that are left out stay as they are on the board.

Examples:
  $ fieldmark provision --site site.toml
  $ fieldmark provision --site site.toml --forget "ERASE 1e39a9da1e1bfa7a"
  $ fieldmark provision --port /dev/ttyUSB0 --ssid field --network demo --broker mqtt://10.0.0.2:1883
  $ FIELDMARK_WIFI_PASSWORD="$(pass wifi/field)" fieldmark provision --ssid field --name "roof north"`;

interface Options extends PortOptions {
  site?: string;
  ssid?: string;
  hidden?: boolean;
  wifiPasswordFile?: string;
  network?: string;
  broker?: BrokerAddress[];
  name?: string;
  ownerKey?: string;
  forget?: string;
  brokerCheck: boolean;
  json?: boolean;
}

export function provisionCommand(): Command {
  const command = new Command("provision")
    .description("Give a board its settings, its clock and its Wi-Fi, over the serial port.")
    .option("--site <file>", "take them from a site file", path)
    .option("--ssid <name>", "Wi-Fi network", ssidName)
    .option("--hidden", "the Wi-Fi network does not say its name")
    .option("--wifi-password-file <file>", "its password: the file's first line", path)
    .option("--network <name>", "network that frames are signed for", chosenNetworkName)
    .option("--broker <url>", "MQTT broker (repeatable)", brokersWithoutPassword)
    .option("--name <text>", "what people will call the board", boardName)
    .option("--owner-key <file>", "its owner's key: signs for a board that has an owner already", path)
    .option("--forget <words>", 'first: settings, owner and waiting frames are lost; "ERASE <id>"')
    .addOption(brokerCheckOption())
    .option("--json", "print events as JSON, one object a line");
  return addPort(command).addHelpText("after", EXAMPLES).action(run);
}

async function run(options: Options): Promise<void> {
  const given = await provisioning(options);
  const done = await runOperation(operation(options, given), options.json === true);
  if (done === undefined || options.json) return;
  const joined = given.wifi === undefined ? "" : ", and is in its network";
  const taken = done.brokersTakeIt ? ", and its brokers take it" : "";
  print(`the board has its settings${joined}${taken}`);
}

async function provisioning(options: Options): Promise<ProvisionOptions> {
  const { site, ssid, hidden, wifiPasswordFile, network, broker, name, ownerKey } = options;
  const fromFlags = [ssid, network, broker].some((value) => value !== undefined);
  if (site !== undefined && fromFlags)
    throw new InputError("either --site, or --ssid, --network and --broker");
  const signer = ownerKey === undefined ? undefined : createSigner(readKeyFile(ownerKey));
  const named = {
    ...(name !== undefined && { name }),
    ...(signer !== undefined && { signer, owner: signer.publicKey }),
  };
  if (site !== undefined) return { ...(await provisioningOf(loadSite(site), wifiPasswordFile)), ...named };
  if (!fromFlags && name === undefined)
    throw new InputError("nothing to set: name --site, --ssid, --network, --broker or --name");
  return {
    settings: {
      ...(network !== undefined && { network }),
      ...(broker !== undefined && { brokers: broker.map(settingOf) }),
    },
    ...(ssid !== undefined && { wifi: { ssid, password: await wifiPassword(ssid, wifiPasswordFile) } }),
    ...named,
    ...proof,
    scan: hidden !== true,
    now: () => Date.now(),
  };
}

/** IEEE 802.11 §9.4.2.2. */
function ssidName(text: string): string {
  const bytes = Buffer.byteLength(text);
  if (bytes < 1 || bytes > 32) throw new InvalidArgumentError("It has 1 to 32 bytes.");
  return text;
}

/** A broker's URL as a board has it. TLS needs the broker's certificate: a site file names it. */
function settingOf({ protocol, host, port, user, password }: BrokerAddress): object {
  if (protocol !== "mqtt")
    throw new InputError("--broker: boards reach mqtt:// so; for TLS name certificate_file in a site file");
  if (!isHost(host))
    throw new InputError(
      "--broker: boards know no zone of an address; it looks like mqtt://[2001:db8::7]:1883",
    );
  return { host, port, ...(user !== undefined && { user }), ...(password !== undefined && { password }) };
}

/** A name alone has nothing to do with brokers. */
const asksBrokers = ({ wifi, settings }: ProvisionOptions) =>
  wifi !== undefined || Object.keys(settings).length > 0;

/** The board begins as a new one does, but for its key and its counters. */
async function forget(client: BoardClient, words: string): Promise<void> {
  const { device } = await prove(client, proof);
  if (words !== resetConfirmation(device))
    throw new OperationError(
      "provision",
      "confirmation",
      `this is board ${device}: it would forget its owner, its settings and the frames that no broker has`,
      `If that is meant: --forget "${resetConfirmation(device)}"`,
    );
  await asked("provision", "settings-refused", () => client.reset(words));
}

async function* operation(
  options: Options,
  given: ProvisionOptions,
): Operation<{ readonly brokersTakeIt: boolean }> {
  const wire = await openPort(options, "provision");
  try {
    const client = await awaitBoard(wire, "provision");
    try {
      if (options.forget !== undefined) await forget(client, options.forget);
      yield* provision(client, given);
      const isAsked = options.brokerCheck && asksBrokers(given);
      const brokersTakeIt =
        isAsked && (yield* checkBrokers(client, { offline: given.wifi === undefined ? "noted" : "fails" }));
      await own(client, given.owner);
      return { brokersTakeIt };
    } finally {
      client.close();
    }
  } finally {
    await wire.close();
  }
}
