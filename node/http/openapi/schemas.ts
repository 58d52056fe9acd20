import { MAX_FRAME_BYTES } from "../../../agent/frame/layout.js";
import { VERDICTS } from "../../../agent/frame/verdict.js";

/** JSON Schema, as OpenAPI 3.1 has it (2020-12). */
export type Schema = Readonly<Record<string, unknown>>;

const text: Schema = { type: "string" };
const date: Schema = { type: "string", format: "date-time" };
const isNull: Schema = { type: "null" };
const count: Schema = { type: "integer", minimum: 0 };
const number: Schema = { type: "number" };
const kid: Schema = { type: "string", pattern: "^[0-9a-f]{16}$" };
/** SHA-256 of what was signed. */
const statementId: Schema = { type: "string", pattern: "^[0-9a-f]{64}$" };
const did: Schema = { type: "string", pattern: "^did:key:z" };
const bytes: Schema = {
  type: "string",
  contentEncoding: "base64",
  maxLength: Math.ceil(MAX_FRAME_BYTES / 3) * 4,
};
const list = (items: Schema): Schema => ({ type: "array", items });
const ref = (name: string): Schema => ({ $ref: `#/components/schemas/${name}` });

/** An object with these members and no others; those whose name ends in ? may be left out. */
function object(members: Readonly<Record<string, Schema>>): Schema {
  const names = Object.keys(members);
  return {
    type: "object",
    properties: Object.fromEntries(names.map((name) => [name.replace("?", ""), members[name]])),
    required: names.filter((name) => !name.endsWith("?")),
    additionalProperties: false,
  };
}

const state: Schema = { enum: ["running", "catching-up", "full", "failed"] };
const verdict: Schema = { enum: VERDICTS };
const judged: Schema = { description: "null: it waits for frames before it", enum: [...VERDICTS, null] };
const dated: Schema = { description: "null: nothing dates it yet", anyOf: [date, isNull] };

/** What the routes answer. Bytes are in base64, dates in UTC, uptimes of devices in seconds. */
export const SCHEMAS: Readonly<Record<string, Schema>> = {
  Problem: object({ "type?": text, title: text, status: { type: "integer" }, detail: text, "code?": text }),
  Health: object({ state, "reason?": text }),
  State: object({
    state,
    "reason?": text,
    network: text,
    name: text,
    version: text,
    did,
    uptime: { ...number, description: "milliseconds since it started" },
    brokers: list(object({ broker: text, subscribed: { type: "boolean" } })),
    devices: count,
    frames: count,
    waiting: count,
    quarantined: count,
    entries: count,
    peers: list(
      object({
        name: text,
        size: { description: "entries of its log; null: never seen", anyOf: [count, isNull] },
        state: { enum: ["waiting", "up", "down", "refused", "unproven", "fork"] },
        "reason?": text,
        cosigned: { description: "entries of this witness's log; null: none yet", anyOf: [count, isNull] },
      }),
    ),
    bytes: count,
  }),
  /** docs/network.md says how each is checked. */
  Receipt: object({
    type: { const: "fieldmark frame receipt 1" },
    network: text,
    device: did,
    witness: did,
    frame: bytes,
    domain: object({ chain: count, contract: bytes }),
    inventory: object({
      epoch: count,
      body: bytes,
      signature: bytes,
      path: list(object({ bit: count, sibling: bytes })),
    }),
    log: object({
      size: count,
      index: count,
      proof: list(bytes),
      first: bytes,
      firstProof: list(bytes),
      checkpoint: text,
    }),
  }),
  Device: object({ kid, did, site: text }),
  Devices: object({ devices: list(ref("Device")) }),
  Frame: object({
    kid,
    boot: count,
    sequence: count,
    time: dated,
    received: date,
    broker: text,
    verdict: judged,
    "detail?": text,
    uptime: count,
    clock: { enum: ["unset", "kept", "set"] },
    prev: { type: "string", pattern: "^[0-9a-f]{32}$" },
    dropped: list(object({ boot: count, first: count, last: count })),
    readings: list(object({ time: dated, name: text, value: number, unit: text })),
    bytes,
  }),
  Frames: object({ frames: list(ref("Frame")) }),
  Reading: object({
    time: dated,
    name: text,
    value: number,
    unit: text,
    verdict: judged,
    boot: count,
    sequence: count,
  }),
  Readings: object({ readings: list(ref("Reading")) }),
  Senml: list(object({ n: text, u: text, v: number, t: number })),
  Rejection: object({
    number: count,
    verdict,
    "detail?": text,
    received: date,
    broker: text,
    topic: text,
    bytes,
  }),
  Rejections: object({ rejections: list(ref("Rejection")) }),
  Enrolment: object({
    outcome: { enum: ["entered", "known", "waits"] },
    device: kid,
    statement: statementId,
    "previous?": statementId,
  }),
  Evidence: object({ evidence: list(object({ first: bytes, other: bytes })) }),
};
