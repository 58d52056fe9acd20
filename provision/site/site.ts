import { parse, TomlError } from "smol-toml";
import { z } from "zod";
import { isNetworkName } from "../../agent/frame/name.js";
import { OperationError } from "../events.js";

const Text = z.string().min(1);

const Channel = z.strictObject({
  property: Text,
  name: Text,
  unit: Text,
  digits: z.int().min(0).max(9),
  deadband: z.number().min(0).optional(),
  /** What is believed, both included, in `unit`: goes into the registry, not onto the board. */
  min: z.number().optional(),
  max: z.number().optional(),
});

const Sensor = z.strictObject({
  kind: Text,
  options: z.record(z.string(), z.unknown()).optional(),
  /** Seconds from one sample to the next. */
  interval: z.number().positive(),
  /** Seconds after which a value is sent though it did not change. */
  heartbeat: z.number().positive().optional(),
  channels: z.array(Channel).min(1),
});

const Broker = z.strictObject({
  host: Text,
  port: z.int().min(1).max(65_535).optional(),
  user: Text.optional(),
  /** First line of this file. */
  password_file: Text.optional(),
  /** PEM. */
  certificate_file: Text.optional(),
});

/** A site: what all its boards have in common. Names of files are relative to the site file. */
const Site = z.strictObject({
  site: z.strictObject({ name: Text, network: z.string().refine(isNetworkName, "not a network name") }),
  /** `hidden`: boards do not hear its name, so that nobody waits for that. */
  wifi: z
    .strictObject({ ssid: Text, password_file: Text.optional(), hidden: z.boolean().optional() })
    .optional(),
  brokers: z.array(Broker).min(1).optional(),
  sensors: z.array(Sensor).min(1).optional(),
  /** Other settings of boards, as agent/settings names them. */
  settings: z.record(z.string(), z.unknown()).optional(),
  firmware: z.strictObject({ bundle: Text, signer: z.string().startsWith("did:key:zQ3s") }).optional(),
  owner: z.strictObject({ key_file: Text }).optional(),
  batch: z
    .strictObject({
      ports: z.array(Text).optional(),
      registry: Text.optional(),
      receipts: Text.optional(),
      log: Text.optional(),
    })
    .optional(),
});

export type Site = z.infer<typeof Site>;

/** Reads a site file. Throws OperationError `file` that names the setting; no message shows a value that could be a secret. */
export function parseSite(toml: string, name = "site file"): Site {
  let given: unknown;
  try {
    given = parse(toml);
  } catch (error) {
    // Its message repeats the line.
    const where = error instanceof TomlError ? ` in line ${error.line}` : "";
    throw bad(name, `not TOML${where}`);
  }
  const parsed = Site.safeParse(given);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const setting = issue?.path.join(".") || "the whole";
  const isPassword = issue?.code === "unrecognized_keys" && issue.keys.includes("password");
  if (isPassword)
    throw bad(name, `${setting}: passwords do not stand in this file: name one with password_file`);
  throw bad(name, `${setting}: ${issue?.message}`);
}

const bad = (name: string, message: string) =>
  new OperationError(
    "provision",
    "file",
    `${name}: ${message}`,
    "Mend the site file; docs/technician.md shows one.",
  );
