import { ARRAY, BYTES, MAP, TAG, TAG_SIGN1 } from "../agent/cbor/major.js";
import { hex } from "../agent/cose/kid.js";
import { CLOCK_KEPT, CLOCK_SET, CLOCK_UNSET } from "../agent/frame/chain.js";
import * as wire from "../agent/frame/layout.js";
import { isHighS } from "../agent/frame/parse.js";
import { dateText } from "../text/date-text.js";
import { textNotation } from "./diagnostic.js";
import type { Item } from "./item.js";

/** What an item means because of where it stands in a frame. It must cope with any item that stands there. */
export interface Role {
  /** In words; empty where there is nothing to say. */
  say(item: Item): string;
  /** The role of a tag's item. */
  readonly tagged?: Role;
  /** The role of an array's item at `index`; `count` is Infinity where the array's length is open. */
  item?(index: number, count: number): Role;
  /** The role of the value under a map's key, and the key's name. */
  under?(key: Item): { readonly name: string; readonly role: Role };
  /** The role of what a byte string holds; undefined where that is not CBOR. */
  opened?(bytes: Uint8Array): Role | undefined;
  /** What the pieces of a byte string are, where it has pieces. */
  parts?(bytes: Uint8Array): readonly { readonly bytes: number; readonly meaning: string }[];
}

/** For items of which nothing is known. */
export const UNKNOWN: Role = { say: () => "" };

/** `kid` is the bytes in the frame; undefined where nobody knows the device. */
export type DeviceName = (kid: Uint8Array) => string | undefined;

/** The role of a whole frame, and of each item that follows it. */
export function frameRole(deviceName: DeviceName): Role {
  const header = labelled(headerLabels(deviceName), "label");
  const parts: readonly Role[] = [
    { say: named("protected header", BYTES), opened: () => header },
    { say: (item) => named("unprotected header", MAP)(item) + (item.head.argument === 0 ? ", empty" : "") },
    { say: named("payload: SenML pack", BYTES), opened: () => PACK },
    SIGNATURE,
  ];
  const sign1: Role = {
    say: ({ head }) => (head.major === ARRAY ? "protected, unprotected, payload, signature" : ""),
    item: (index) => parts[index] ?? UNKNOWN,
  };
  return {
    say: (item) => {
      if (item.head.major !== TAG) return sign1.say(item);
      return item.head.argument === TAG_SIGN1 ? "COSE_Sign1" : "not tag 18, COSE_Sign1";
    },
    tagged: sign1,
    // Where damage took away the tag, or threw the parts out of their array, they still show what they are.
    item: (index) => parts[index] ?? UNKNOWN,
    opened: (bytes) => {
      const major = (bytes[0] ?? 0) >> 5;
      return major === MAP ? header : major === ARRAY ? PACK : undefined;
    },
  };
}

/** The name of a part that has to be of `major`. */
const named = (name: string, major: number) => (item: Item) =>
  item.head.major === major ? name : `${name}: not one`;

type Labels = ReadonlyMap<number | bigint, readonly [name: string, role: Role]>;

/** A map whose keys are integers with names. */
function labelled(labels: Labels, what: string, say: Role["say"] = () => ""): Role {
  return {
    say,
    under: ({ integer }) => {
      const [name, role] = (integer === undefined ? undefined : labels.get(integer)) ?? [undefined, UNKNOWN];
      return { name: name ?? `unknown ${what}`, role };
    },
  };
}

/** A role that says `format` of the value that it picks from an item, and only its name of any other item. */
function valued<T>(name: string, pick: (item: Item) => T | undefined, format: (value: T) => string): Role {
  return {
    say: (item) => {
      const value = pick(item);
      return value === undefined ? `${name}: not one` : format(value);
    },
  };
}

const integer = (item: Item) => item.integer;
const counted = (name: string, unit = "") =>
  valued(name, integer, (value) => `${name} ${value}${unit === "" ? "" : ` ${unit}`}`);
const quoted = (name: string) =>
  valued(
    name,
    ({ text }) => text,
    (text) => `${name}: ${textNotation(text).slice(1, -1)}`,
  );

const ALG_NAMES = new Map<number | bigint, string>([
  [-7, "ES256"],
  [-8, "EdDSA"],
  [-35, "ES384"],
  [-36, "ES512"],
  [wire.ALG_ES256K, "ES256K"],
]);

function headerLabels(deviceName: DeviceName): Labels {
  const alg = valued("alg", integer, (value) => `alg: ${ALG_NAMES.get(value) ?? "unknown"} (${value})`);
  const contentType = valued("content type", integer, (value) => {
    const known = value === wire.CONTENT_TYPE_SENML_CBOR ? "application/senml+cbor" : "unknown";
    return `content type: ${known} (${value})`;
  });
  const kid = valued(
    "kid",
    ({ bytes }) => bytes,
    (bytes) => {
      const device = deviceName(bytes);
      return `kid ${shortHex(bytes)}${device === undefined ? "" : `: ${device}`}`;
    },
  );
  const audience = valued(
    "aud",
    ({ text }) => text,
    (text) => `aud: network '${textNotation(text).slice(1, -1)}'`,
  );
  const claims = labelled(new Map([[wire.CLAIM_AUD, ["aud", audience]]]), "claim", () => "CWT claims");
  return new Map([
    [wire.HEADER_ALG, ["alg", alg]],
    [wire.HEADER_CONTENT_TYPE, ["content type", contentType]],
    [wire.HEADER_KID, ["kid", kid]],
    [wire.HEADER_CWT_CLAIMS, ["CWT claims", claims]],
    [wire.HEADER_CHAIN, ["chain", CHAIN]],
  ]);
}

const CLOCK_MEANINGS = new Map<number | bigint, string>([
  [CLOCK_UNSET, "unset"],
  [CLOCK_KEPT, "kept over a reset"],
  [CLOCK_SET, "set from the network in this boot"],
]);

const PREV: Role = valued(
  "prev",
  ({ bytes }) => bytes,
  (bytes) => {
    const first = bytes.length === wire.PREV_BYTES && bytes.every((byte) => byte === 0);
    return first ? "prev: zeros, the device's first frame" : `prev ${shortHex(bytes)}`;
  },
);

const CONFIGURATION: Role = valued(
  "configuration",
  ({ bytes }) => bytes,
  (bytes) => `sensor configuration ${hex(bytes.subarray(0, wire.CONFIGURATION_BYTES))}`,
);

const DROPPED_RANGE: Role = {
  say: ({ integers }) => {
    const [boot, first, last, more] = integers ?? [];
    if (boot === undefined || first === undefined || last === undefined || more !== undefined)
      return "dropped: not a range";
    return `dropped boot ${boot}, ${first === last ? `frame ${first}` : `frames ${first} to ${last}`}`;
  },
  item: (index) => counted(["boot", "first", "last"][index] ?? "more"),
};

const CHAIN_PARTS: readonly Role[] = [
  counted("boot"),
  counted("sequence"),
  PREV,
  counted("uptime", "s"),
  valued("clock", integer, (value) => `clock ${value}: ${CLOCK_MEANINGS.get(value) ?? "unknown"}`),
  // A byte string here is the configuration; what comes after it, or else here, are the dropped ranges.
  {
    say: (item) => (item.head.major === BYTES ? CONFIGURATION.say(item) : "dropped ranges"),
    item: () => DROPPED_RANGE,
  },
  { say: () => "dropped ranges", item: () => DROPPED_RANGE },
];

const CHAIN: Role = { say: () => "chain", item: (index) => CHAIN_PARTS[index] ?? UNKNOWN };

/** A time in seconds; where it is a date, the date too. */
const dated = (name: string) =>
  valued(
    name,
    ({ decimal }) => decimal,
    (seconds) => {
      const date = dateText(Number(seconds) * 1000);
      const isDate = date !== undefined && Number(seconds) >= wire.MIN_UNIX_SECONDS;
      return isDate ? `${name}: ${seconds} = ${date}` : `${name}: ${seconds} s`;
    },
  );
const numeric = (name: string) =>
  valued(
    name,
    ({ decimal }) => decimal,
    (value) => `${name}: ${value}`,
  );
const decimalParts = (role: Role): Role => ({
  say: role.say,
  tagged: { say: () => "", item: (index) => counted(index === 0 ? "exponent" : "mantissa") },
});

/** RFC 8428 §6, table 6. */
const RECORD_LABELS: Labels = new Map([
  [-1, ["bver", numeric("bver")]],
  [wire.SENML_BASE_NAME, ["bn", quoted("bn")]],
  [wire.SENML_BASE_TIME, ["bt", decimalParts(dated("bt"))]],
  [wire.SENML_BASE_UNIT, ["bu", quoted("bu")]],
  [-5, ["bv", decimalParts(numeric("bv"))]],
  [-6, ["bs", decimalParts(numeric("bs"))]],
  [0, ["n", quoted("n")]],
  [1, ["u", quoted("u")]],
  [wire.SENML_VALUE, ["v", decimalParts(numeric("v"))]],
  [3, ["vs", quoted("vs")]],
  [4, ["vb", UNKNOWN]],
  [5, ["s", decimalParts(numeric("s"))]],
  [wire.SENML_TIME, ["t", decimalParts(dated("t"))]],
  [7, ["ut", decimalParts(numeric("ut"))]],
  [8, ["vd", UNKNOWN]],
]);

const PACK: Role = {
  say: ({ head }) => (head.major === ARRAY ? `${head.argument} record${head.argument === 1 ? "" : "s"}` : ""),
  item: (index, count) =>
    labelled(RECORD_LABELS, "label", () =>
      Number.isFinite(count) ? `record ${index + 1} of ${count}` : `record ${index + 1}`,
    ),
};

const SIGNATURE: Role = {
  say: (item) => {
    const isOther = item.head.major === BYTES && item.head.argument !== wire.SIGNATURE_BYTES;
    return named("signature", BYTES)(item) + (isOther ? `: not of ${wire.SIGNATURE_BYTES} bytes` : "");
  },
  parts: (bytes) => {
    if (bytes.length !== wire.SIGNATURE_BYTES) return [];
    const half = wire.SIGNATURE_BYTES / 2;
    return [
      { bytes: half, meaning: "signature r" },
      { bytes: half, meaning: `signature s (${isHighS(bytes) ? "high" : "low"})` },
    ];
  },
};

function shortHex(bytes: Uint8Array): string {
  return bytes.length > 8 ? `${hex(bytes.subarray(0, 4))}…` : hex(bytes);
}
