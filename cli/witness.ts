import { Command } from "commander";
import { InputError } from "../agent/input-error.js";
import { openHttp } from "../node/http/server.js";
import { parseBrokerUrl } from "../node/mqtt/broker-address.js";
import { readConfig } from "../node/witness/config.js";
import { CONFIG_FILE, initWitness } from "../node/witness/init.js";
import { peerLine, peerUrl } from "../node/witness/peer-config.js";
import { openWitness } from "../node/witness/witness.js";
import { visible } from "../text/visible.js";
import { networkName, path } from "./options.js";
import { print, printJson, warn } from "./output.js";
import { VERSION } from "./version.js";
import { witnessPeersCommand } from "./witness-peers.js";

const EXAMPLES = `
A witness listens to brokers, verifies every frame, keeps it, and signs what it has: for years. It prints what happens
to standard error, and shows the rest over HTTP. SIGINT and SIGTERM end it; started again it goes on where it was.

Examples:
  $ fieldmark witness init --network demo --name witness.example.org/demo \\
      --broker mqtt://localhost --registry site.registry.json
  $ fieldmark witness                                  with the witness.toml that init has made
  $ fieldmark witness --config /etc/fieldmark/witness.toml
  $ curl http://127.0.0.1:8788/v1/state`;

const INIT_EXAMPLES = `
Makes witness.toml with every setting explained, and the witness's three keys. Nothing that is there is overwritten.

Examples:
  $ fieldmark witness init --network demo --name witness.example.org/demo --broker mqtt://localhost
  $ fieldmark witness init --folder /srv/witness --network demo --name w1.example.org/demo \\
      --broker mqtts://a.example.org --broker mqtts://b.example.org --registry /srv/site.registry.json`;

const KEYS_EXAMPLES = `
The line has the keys of its log and of its cosigner, and no secret. It goes between the brackets of peers = [ … ].

Examples:
  $ fieldmark witness keys --url https://w1.example.org
  $ fieldmark witness keys --config /etc/fieldmark/witness.toml --url https://w1.example.org`;

interface Options {
  config: string;
  json?: boolean;
}

interface InitOptions {
  folder: string;
  network: string;
  name: string;
  broker: string[];
  registry: string;
}

export function witnessCommand(): Command {
  const command = new Command("witness")
    .description("Run a witness: verify what brokers carry, keep it, sign what was kept, show it over HTTP.")
    .option("--config <file>", "its settings (see fieldmark witness init)", path, CONFIG_FILE)
    .option("--json", "print what happens as JSON, one object a line")
    .addHelpText("after", EXAMPLES)
    .action(run);
  command
    .command("keys")
    .description("Print what others write into their witness.toml to have this witness as a peer: one line.")
    .option("--url <url>", "where they reach its HTTP", witnessUrl, "http://127.0.0.1:8788")
    .addHelpText("after", KEYS_EXAMPLES)
    .action(({ url }: { url: string }, { parent }: Command) => {
      print(peerLine(readConfig(parent?.opts<Options>().config ?? CONFIG_FILE), url));
    });
  command.addCommand(witnessPeersCommand());
  command
    .command("init")
    .description("Make a witness's settings and keys.")
    .option("--folder <folder>", "where they go", path, ".")
    .requiredOption("--network <name>", "the network whose frames it verifies", networkName)
    .requiredOption("--name <name>", "what its log is called: a name that you own, like w1.example.org/demo")
    .requiredOption("--broker <url>", "a broker that it listens to, without a password (repeatable)", broker)
    .option("--registry <file>", "the enrolled devices, beside the folder's files", path, "registry.json")
    .addHelpText("after", INIT_EXAMPLES)
    .action(init);
  return command;
}

const witnessUrl = (text: string) => peerUrl(text, "--url");

function broker(text: string, before: readonly string[] = []): string[] {
  if (parseBrokerUrl(text).password !== undefined)
    throw new InputError(
      "--broker: write the password into a file and name that in witness.toml (password_file)",
    );
  return [...before, text];
}

function init({ folder, network, name, broker: brokers, registry }: InitOptions): void {
  const config = initWitness({ folder, network, name, brokers: brokers.map((url) => ({ url })), registry });
  print(
    `${config} is there, with its keys beside it. Start the witness: fieldmark witness --config ${config}
What peers write to have it as one of theirs: fieldmark witness keys --config ${config}`,
  );
}

async function run({ config: file, json = false }: Options): Promise<void> {
  const config = readConfig(file);
  const say = (text: string, more: object = {}) => {
    if (json) printJson({ time: Date.now() / 1000, text, ...more });
    else warn(visible(text));
  };
  const witness = await openWitness(config, VERSION, say);
  try {
    const { host, port, cors, proxies } = config.http;
    const http = await openHttp({
      view: witness.view,
      host,
      port,
      cors,
      proxies,
      report: (error) => say(`HTTP: ${error instanceof Error ? error.message : String(error)}`),
    });
    say(`witness ${config.name} of network ${config.network} (${witness.did})`);
    say(`its HTTP is at ${http.address}`, { http: http.address });
    await new Promise<void>((end) => {
      for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => end());
      if (process.connected) process.once("disconnect", () => end()); // whoever started it is gone
    });
    await http.close();
  } finally {
    await witness.close();
  }
}
