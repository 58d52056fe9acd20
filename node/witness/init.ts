import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { InputError } from "../../agent/input-error.js";
import { replaceFile } from "../files.js";
import { writeKeyFile } from "../key-file.js";
import { writeNoteKeyFile } from "../note-key-file.js";
import { makeFolder } from "../ports/key-value.js";
import { newPrivateKey } from "../ports/signer.js";
import { readTextFile } from "../text-file.js";
import { parseConfig } from "./config.js";

export interface InitOptions {
  /** Where all of it goes. */
  readonly folder: string;
  readonly network: string;
  readonly name: string;
  readonly brokers: readonly InitBroker[];
  /** As it is to stand in the file. */
  readonly registry: string;
  /** As in the file; left out: 1h and 8788. */
  readonly epoch?: string;
  readonly port?: number;
}

/** `url` has no password; `passwordFile` stands in the file as it is. */
export interface InitBroker {
  readonly url: string;
  readonly user?: string | undefined;
  readonly passwordFile?: string | undefined;
}

export const CONFIG_FILE = "witness.toml";
/** How the list of peers begins. */
const PEERS = "peers = [\n";

/**
 * Makes a witness's folder: its configuration and its three keys. Returns the configuration's path.
 * Throws InputError, before anything is made, where one of them is there or the configuration would
 * not do.
 */
export function initWitness(options: InitOptions): string {
  const { folder } = options;
  const config = join(folder, CONFIG_FILE);
  const [key, logKey, cosignerKey] = ["witness-key.json", "log-key.json", "cosigner-key.json"].map((name) =>
    join(folder, name),
  ) as [string, string, string];
  for (const file of [config, key, logKey, cosignerKey])
    if (existsSync(file)) throw new InputError(`${file} is there already: name another folder`);
  const text = configText(options);
  parseConfig(text, config);
  makeFolder(folder);
  writeKeyFile(key, newPrivateKey());
  writeNoteKeyFile(logKey);
  writeNoteKeyFile(cosignerKey);
  writeFileSync(config, text, { flag: "wx" });
  return config;
}

/**
 * Writes peers' lines (peer-config.ts) into a configuration that `initWitness` has made. Throws
 * InputError, and changes nothing, where it would not do.
 */
export function addPeers(config: string, lines: readonly string[]): void {
  const text = readTextFile(config).replace(PEERS, `${PEERS}${lines.map((line) => `  ${line}\n`).join("")}`);
  parseConfig(text, config);
  replaceFile(config, text);
}

/** The annotated example, with what is known filled in. */
export function configText(options: Omit<InitOptions, "folder">): string {
  const { network, name, brokers, registry, epoch = "1h", port = 8788 } = options;
  const text = (value: string) => JSON.stringify(value);
  const line = (member: string, value: string | undefined, example: string) =>
    value === undefined ? `# ${member} = ${text(example)}` : `${member} = ${text(value)}`;
  return `# A witness: fieldmark witness --config ${CONFIG_FILE}. docs/witness.md explains each setting.
# Names of files are looked for beside this file. Times: 30s, 10m, 1h, 400d. Sizes: 500MB, 50GB.

network = ${text(network)}
# What its log is called: a name that you own, with a path where you run several. Never change it.
name = ${text(name)}
# The devices whose frames are believed: a registry file, or a folder of owners' statements, as
# enrol and batch write them. It is read again whenever it changes.
registry = ${text(registry)}
# Of a folder: whose statements count. Left out: anybody's.
# owners = ["did:key:zQ3s..."]

# The keys that sign its statements, its log, and what peers' logs say. Keep copies where nobody
# else gets at them.
key_file = "witness-key.json"
log_key_file = "log-key.json"
cosigner_key_file = "cosigner-key.json"
# Frames, log, guard. Leave guard.json out of backups: an old one is worse than none.
data = "data"

# At the end of each epoch an inventory of what was kept is signed. All witnesses of a network have
# the same epochs. An inventory has the frames of that many epochs, so that late ones are in it, too.
epoch = ${text(epoch)}
window = 2
# How often devices are told which of their frames are held (their setting keep = "witnesses").
# receipts = "1m"

# Other witnesses: they notice it if this one ever takes back what it said, and it notices if they
# do. Each gives you the line that its "fieldmark witness keys" prints, and you give it yours.
${PEERS}]
# How often their logs are looked at.
watch = "60s"

${brokers
  .map(
    ({ url, user, passwordFile }) => `[[brokers]]
url = ${text(url)}
${line("user", user, "witness")}
${line("password_file", passwordFile, "broker-password.txt")}
`,
  )
  .join("\n")}
[http]
# 127.0.0.1 is this machine alone. docs/witness-http.md says what others would see.
host = "127.0.0.1"
port = ${port}
# Pages that may read it: cors = ["https://dashboard.example.org"]

[retention]
# Left out: frames are kept for ever, or until the disk is nearly full.
# age = "400d"
# size = "50GB"
# What stays free on the disk. Below it nothing is taken in, and brokers keep the frames.
reserve = "256MB"
`;
}
