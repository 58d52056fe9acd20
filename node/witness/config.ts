import { dirname, resolve } from "node:path";
import { parse, TomlError } from "smol-toml";
import { z } from "zod";
import { isNetworkName } from "../../agent/frame/name.js";
import { InputError } from "../../agent/input-error.js";
import { NO_CHAIN, type StatementDomain } from "../../network/statement/domain.js";
import { visible } from "../../text/visible.js";
import { issueText } from "../../text/zod-issue.js";
import { type BrokerAddress, nameOf, parseBrokerUrl } from "../mqtt/broker-address.js";
import { readTextFile } from "../text-file.js";
import { MAX_PEERS, type PeerConfig, PeerEntry, peersOf } from "./peer-config.js";

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400 };
const SIZES: Readonly<Record<string, number>> = { MB: 1e6, GB: 1e9, TB: 1e12 };

/** `10s`, `1h`, `400d`: seconds. */
const Seconds = z.string().transform((text, context) => measured(text, UNITS, "1h", context));
/** `500MB`, `2TB`: bytes. */
const Bytes = z.string().transform((text, context) => measured(text, SIZES, "50GB", context));

function measured(
  text: string,
  units: Readonly<Record<string, number>>,
  example: string,
  context: z.RefinementCtx,
): number {
  const [, count, unit = ""] = /^(\d+)([a-zA-Z]+)$/.exec(text) ?? [];
  const value = Number(count) * (units[unit] ?? Number.NaN);
  if (Number.isSafeInteger(value) && value > 0) return value;
  const known = Object.keys(units).join(", ");
  context.addIssue({ code: "custom", message: `is not a number and one of ${known}, such as "${example}"` });
  return z.NEVER;
}

/** A domain name with a path, as C2SP names logs. */
const Name = z
  .string()
  .regex(/^[a-z0-9.-]+(:\d+)?(\/[A-Za-z0-9._~-]+)*$/, 'is no name like "witness.example.org/demo"');

const Broker = z.strictObject({
  url: z.string(),
  user: z.string().min(1).optional(),
  password_file: z.string().min(1).optional(),
});

const Config = z.strictObject({
  network: z.string().refine(isNetworkName, 'is no network name, such as "demo"'),
  name: Name,
  key_file: z.string().min(1).default("witness-key.json"),
  log_key_file: z.string().min(1).default("log-key.json"),
  cosigner_key_file: z.string().min(1).default("cosigner-key.json"),
  data: z.string().min(1).default("data"),
  registry: z.string().min(1),
  owners: z.array(z.string().startsWith("did:key:", "is no did:key")).min(1).optional(),
  receipts: Seconds.default(60),
  epoch: Seconds.default(3600),
  window: z.int().min(1).max(1000).default(2),
  brokers: z.array(Broker).min(1),
  watch: Seconds.default(60),
  peers: z.array(PeerEntry).max(MAX_PEERS).default([]),
  http: z
    .strictObject({
      host: z.string().min(1).default("127.0.0.1"),
      port: z.int().min(0).max(65_535).default(8788),
      cors: z.array(z.string()).default([]),
      proxies: z.array(z.string()).default([]),
      enrolments: z.boolean().default(false),
    })
    .prefault({}),
  retention: z
    .strictObject({ age: Seconds.optional(), size: Bytes.optional(), reserve: Bytes.default(256e6) })
    .prefault({}),
  quarantine: Bytes.default(32e6),
  chain: z
    .strictObject({
      id: z.int().positive(),
      contract: z.string().regex(/^0x[0-9a-fA-F]{40}$/, "is no address: 0x and 40 hexadecimal digits"),
    })
    .optional(),
});

/** What a witness is told by its owner. Paths are whole, times in seconds, sizes in bytes. */
export interface WitnessConfig {
  readonly network: string;
  /** What its log and its statements call it. */
  readonly name: string;
  readonly keyFile: string;
  readonly logKeyFile: string;
  readonly cosignerKeyFile: string;
  readonly data: string;
  /** A registry file, or a folder of owners' statements; of that: who may enrol. */
  readonly registry: string;
  readonly owners?: readonly string[] | undefined;
  /** From one round of receipts to devices to the next. */
  readonly receipts: number;
  readonly epoch: number;
  readonly window: number;
  readonly brokers: readonly BrokerAddress[];
  /** From one look at peers' logs to the next. */
  readonly watch: number;
  readonly peers: readonly PeerConfig[];
  readonly http: {
    readonly host: string;
    readonly port: number;
    readonly cors: readonly string[];
    readonly proxies: readonly string[];
    /** Whether owners' statements are taken from whoever sends them. */
    readonly enrolments: boolean;
  };
  /** `reserve`: of the disk, what stays free. */
  readonly retention: {
    readonly age?: number | undefined;
    readonly size?: number | undefined;
    readonly reserve: number;
  };
  readonly quarantine: number;
  readonly domain: StatementDomain;
}

/** Reads a witness's configuration file, and its brokers' passwords. Throws InputError that names the setting. */
export function readConfig(path: string): WitnessConfig {
  return parseConfig(readTextFile(path), path);
}

/** `path`: where the file is, or will be; names in it are looked for beside it. */
export function parseConfig(text: string, path: string): WitnessConfig {
  let toml: unknown;
  try {
    toml = parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    throw new InputError(`${path}:${error.line}: ${visible(error.message.split("\n", 1)[0] ?? "")}`);
  }
  const parsed = Config.safeParse(toml);
  if (!parsed.success) throw new InputError(`${path}: ${issueText(parsed.error)}`);
  const { key_file, log_key_file, cosigner_key_file, data, registry, brokers, peers, chain, ...rest } =
    parsed.data;
  const at = (name: string) => resolve(dirname(path), name);
  return {
    ...rest,
    keyFile: at(key_file),
    logKeyFile: at(log_key_file),
    cosignerKeyFile: at(cosigner_key_file),
    data: at(data),
    registry: at(registry),
    brokers: addressesOf(brokers, path, at),
    peers: peersOf(peers, rest.name, `${path}: peers`),
    domain:
      chain === undefined
        ? NO_CHAIN
        : { chain: chain.id, contract: Uint8Array.from(Buffer.from(chain.contract.slice(2), "hex")) },
  };
}

function addressesOf(
  brokers: readonly z.infer<typeof Broker>[],
  path: string,
  at: (name: string) => string,
): BrokerAddress[] {
  const addresses: BrokerAddress[] = [];
  for (const { url, user, password_file: file } of brokers) {
    const address = parseBrokerUrl(url, `${path}: brokers: url`);
    if (address.password !== undefined)
      throw new InputError(
        `${path}: brokers: a password in a URL is seen by many: name its file (password_file)`,
      );
    if (file !== undefined && user === undefined)
      throw new InputError(`${path}: brokers: password_file needs user beside it`);
    if (addresses.some((other) => nameOf(other) === nameOf(address)))
      throw new InputError(`${path}: brokers: ${nameOf(address)} is there twice`);
    const password = file === undefined ? undefined : readTextFile(at(file)).split(/\r?\n/, 1)[0];
    addresses.push({
      ...address,
      ...(user !== undefined && { user }),
      ...(password !== undefined && { password }),
    });
  }
  return addresses;
}
