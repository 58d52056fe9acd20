import { parse, TomlError } from "smol-toml";
import type { z } from "zod";
import { keyOfDid } from "../../agent/frame/identity.js";
import { isCarriedName, isNetworkName } from "../../agent/frame/name.js";
import { isHost } from "../../agent/settings/host.js";
import { decodeText } from "../../text/decode.js";
import { visible, visibleLine } from "../../text/visible.js";
import { OperationError } from "../events.js";
import { hasNumber } from "../names/board-names.js";
import { isBoardName } from "../names/place.js";
import { isRfc2217, parseRfc2217 } from "../rfc2217-url.js";
import * as member from "./members.js";

const NUMBERED =
  "a name with a number in it, written {n} ({nnn}: at least three digits), of at most 42 bytes";
const isNumbered = (text: string) => hasNumber(text) && isBoardName(`${text}123456`);
const isGiven = (value: unknown) => value !== undefined;

const Channel = member.table(
  {
    property: member.text('property = "thermometer.temperature"'),
    name: member.text('name = "temperature"'),
    unit: member.text('unit = "Cel"'),
    digits: member.whole(0, 9, "digits = 1"),
    deadband: member.notNegative("deadband = 0.2").optional(),
    /** What is believed, both included, in `unit`: goes into the registry, not onto the board. */
    min: member.finite("min = -40").optional(),
    max: member.finite("max = 60").optional(),
  },
  "[[sensors.channels]]",
);

const Sensor = member.table(
  {
    kind: member.text('kind = "bme280"'),
    options: member.anything("options = { address = 0x76 }").optional(),
    /** Seconds from one sample to the next. */
    interval: member.positive("interval = 60"),
    /** Seconds after which a value is sent though it did not change. */
    heartbeat: member.positive("heartbeat = 600").optional(),
    channels: member.tables(Channel, "[[sensors.channels]]"),
  },
  "[[sensors]]",
);

const Broker = member.table(
  {
    host: member.textThat(
      isHost,
      "a host's name or address alone, without scheme, port and brackets",
      'host = "10.0.0.2"  and in a line of its own  port = 1883',
    ),
    port: member.whole(1, 65_535, "port = 8883").optional(),
    user: member.text('user = "field"').optional(),
    /** First line of this file. */
    password_file: member.text('password_file = "broker.txt"').optional(),
    /** PEM. */
    certificate_file: member.text('certificate_file = "broker.pem"').optional(),
  },
  "[[brokers]]",
);

/** `hidden`: boards do not hear its name, so that nobody waits for that. */
const Wifi = member.table(
  {
    ssid: member.text('ssid = "field"'),
    password_file: member.text('password_file = "wifi.txt"').optional(),
    hidden: member.flag("hidden = true").optional(),
  },
  "[wifi]",
);

const Place = member.table(
  {
    name: member.text('name = "roof north"'),
    network: member.textThat(
      (text) => isNetworkName(text) && isCarriedName(text),
      "1 to 64 letters, digits, or - : _ between quotation marks (RabbitMQ and NATS carry no dot)",
      'network = "demo"',
    ),
  },
  '[site] with  name = "roof north"  and  network = "demo"',
);

const Firmware = member.table(
  {
    bundle: member.text('bundle = "fieldmark-0.1.0.zip"'),
    signer: member.textThat(
      (text) => text.startsWith("did:key:zQ3s"),
      "the did:key of who signs the bundle",
      'signer = "did:key:zQ3s…"',
    ),
  },
  "[firmware]",
);

/** One of both will do; the public name sets the owner on boards, the key signs for them, too. */
const Owner = member
  .table(
    {
      key_file: member.text('key_file = "owner.json"').optional(),
      did: member
        .textThat(
          isKeyName,
          "the did:key that fieldmark keygen --show says of the owner's key",
          'did = "did:key:zQ3s…"',
        )
        .optional(),
    },
    "[owner]",
  )
  .refine(({ key_file, did }) => key_file !== undefined || did !== undefined, {
    error: 'names neither key_file nor did; for instance  key_file = "owner.json"',
  });

const Batch = member
  .table(
    {
      ports: member
        .list(
          member.textThat(isPortName, "a serial port, or rfc2217://host:port", 'ports = ["/dev/ttyUSB0"]'),
          'ports = ["/dev/ttyUSB0"]',
        )
        .optional(),
      registry: member.text('registry = "registry.json"').optional(),
      receipts: member.text('receipts = "receipts"').optional(),
      log: member.text('log = "batch.jsonl"').optional(),
      /** A name of its own for each board: numbered; of a list (CSV), with positions; or asked at the terminal. */
      name: member.textThat(isNumbered, NUMBERED, 'name = "roof {n}"').optional(),
      /** The first number. */
      first: member.whole(0, 999_999, "first = 1").optional(),
      names_file: member.text('names_file = "places.csv"').optional(),
      ask_names: member.flag("ask_names = true").optional(),
    },
    "[batch]",
  )
  .refine(
    ({ name, names_file, ask_names }) =>
      [name, names_file, ask_names || undefined].filter(isGiven).length <= 1,
    {
      error: 'has more than one of name, names_file and ask_names; for instance  name = "roof {n}"  alone',
    },
  );

/** A site: what all its boards have in common. Names of files are relative to the site file. */
const Site = member.table(
  {
    site: Place,
    wifi: Wifi.optional(),
    brokers: member.tables(Broker, "[[brokers]]").optional(),
    sensors: member.tables(Sensor, "[[sensors]]").optional(),
    /** Other settings of boards, as agent/settings names them. */
    settings: member.anything("[settings] with  readings = 8").optional(),
    firmware: Firmware.optional(),
    owner: Owner.optional(),
    batch: Batch.optional(),
  },
  "[site]",
);

export type Site = z.infer<typeof Site>;

/** Reads the bytes of a site file. Throws OperationError `file` like `parseSite`, also where they are no text in UTF-8. */
export function readSite(bytes: Uint8Array, name: string): Site {
  let toml: string;
  try {
    toml = decodeText(bytes);
  } catch (error) {
    throw bad(name, (error as Error).message);
  }
  return parseSite(toml, name);
}

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
  const [issue] = parsed.error.issues;
  throw bad(
    name,
    `${visible(member.place(issue?.path ?? [])) || "the file"} ${visibleLine(issue?.message ?? "")}`,
  );
}

function isKeyName(did: string): boolean {
  try {
    keyOfDid(did);
    return true;
  } catch {
    return false;
  }
}

function isPortName(name: string): boolean {
  try {
    if (isRfc2217(name)) parseRfc2217(name);
    return true;
  } catch {
    return false;
  }
}

const bad = (name: string, message: string) =>
  new OperationError(
    "provision",
    "file",
    `${name}: ${message}`,
    "Mend the site file; docs/technician.md shows one.",
  );
