import { base64 } from "@scure/base";
import { z } from "zod";
import { hex } from "../../agent/cose/kid.js";
import { isNetworkName } from "../../agent/frame/name.js";
import type { SignatureChecker, Signer } from "../../agent/ports/signer.js";
import { readStatement, type Statement } from "../../agent/provision/read-statement.js";
import { Position } from "../../network/verify/position.js";
import { quoted } from "../../text/visible.js";
import { issueText } from "../../text/zod-issue.js";
import { OperationError } from "../events.js";
import { countersign, readEnrolment } from "./enrol.js";
import { checkReading, type ReadingOptions } from "./reading.js";
import type { Receipt } from "./receipt.js";

const Text = z.string().max(200);
const Kid = z.string().regex(/^[0-9a-f]{16}$/);
/** What is left over in the last digit is zero, or it is another text for the same bytes (RFC 4648 §3.5). */
const Bytes = z.base64().max(16_384).refine(isBase64, "is not base64 as it is written");

/** What `makeReceipt` makes, and nothing besides. */
const ReceiptForm = z.strictObject({
  receipt: z.literal(1),
  device: Kid,
  did: Text,
  kid: Kid,
  chip: Text,
  mac: z
    .string()
    .regex(/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/)
    .nullable(),
  model: Text,
  firmware: z.strictObject({
    name: Text,
    version: Text,
    manifestSha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .nullable(),
  }),
  network: z.string().refine(isNetworkName, "not a network name"),
  site: Text.min(1).regex(/^[^\p{Cc}\p{Cs}]*$/u, "has control characters"),
  name: Text.min(1)
    .regex(/^[^\p{Cc}\p{Cs}]*$/u, "has control characters")
    .optional(),
  position: Position.optional(),
  sensors: z.array(z.strictObject({ name: Text, unit: Text, interval: z.int().positive() })).max(256),
  at: z.iso.datetime(),
  frame: Bytes,
  statement: Bytes,
  countersigned: Bytes.nullable(),
});

function isBase64(text: string): boolean {
  try {
    base64.decode(text);
    return true;
  } catch {
    return false;
  }
}

export interface ReceiptCheck {
  readonly network: string;
  /** Left out: whatever place the receipt names. */
  readonly site?: string | undefined;
  readonly checker: SignatureChecker;
  /** What is believed of the first reading. */
  readonly ranges: NonNullable<ReadingOptions["ranges"]>;
  /** Who signs that the board is theirs. */
  readonly owner?: Signer | undefined;
  /** The same, or only the public half of that key. */
  readonly ownerKey?: Uint8Array | undefined;
}

export interface CheckedReceipt {
  /** With the owner's signature, where the owner's key is there. */
  readonly receipt: Receipt;
  readonly statement: Statement;
}

/**
 * Checks what somebody says is a receipt: its form, the board's statement, the first reading's signature and values, that both are of this
 * network and site, and that it says nothing else than they prove. Throws OperationError `receipt-bad`, `statement-bad`, `reading-bad`.
 * That the statement was fresh, and that the board took its owner, only who made the receipt has seen.
 */
export function checkReceipt(given: unknown, against: ReceiptCheck): CheckedReceipt {
  const receipt = formOf(given);
  const { network, site, checker, owner } = against;
  if (receipt.network !== network)
    throw bad(
      `it is a receipt for network ${quoted(receipt.network)}, not for ${quoted(network)}`,
      "Name another registry.",
    );
  if (site !== undefined && receipt.site !== site)
    throw bad(
      `it is a receipt for site ${quoted(receipt.site)}, not for ${quoted(site)}`,
      "Take the site file of that site.",
    );
  const statementBytes = base64.decode(receipt.statement);
  const statement = statementOf(statementBytes, checker);
  compare(receipt, statement);
  checkFirstReading(receipt, statement, against);
  if (receipt.countersigned !== null) checkOwner(receipt, receipt.countersigned, against);
  if (owner === undefined) return { receipt, statement };
  const countersigned = base64.encode(countersign(network, receipt.site, statementBytes, owner));
  return { receipt: { ...receipt, countersigned }, statement };
}

function formOf(given: unknown): Receipt {
  const parsed = ReceiptForm.safeParse(given);
  if (parsed.success) return parsed.data;
  throw bad(`it is no receipt: ${issueText(parsed.error)}`, AGAIN);
}

/** A date that differs is the receipt's fault here, and not that of this machine's clock. */
function checkFirstReading(receipt: Receipt, statement: Statement, against: ReceiptCheck): void {
  const { network, checker, ranges } = against;
  const now = () => Date.parse(receipt.at);
  try {
    checkReading(base64.decode(receipt.frame), statement, { network, checker, ranges, now });
  } catch (error) {
    if (!(error instanceof OperationError && error.code === "clock-wrong")) throw error;
    throw bad(`it says ${receipt.at}, and its first reading another time: ${error.message}`, AGAIN);
  }
}

function statementOf(bytes: Uint8Array, checker: SignatureChecker): Statement {
  try {
    return readStatement(bytes, checker);
  } catch (error) {
    const { message } = error as Error;
    throw new OperationError(
      "enrol",
      "statement-bad",
      `the board's statement is not good: ${message}`,
      AGAIN,
    );
  }
}

/** The words around the proofs are nobody's signature: they say what the statement says, or the receipt is refused. */
function compare(receipt: Receipt, statement: Statement): void {
  const device = hex(statement.kid);
  const pairs: readonly (readonly [string, unknown, unknown])[] = [
    ["device", receipt.device, device],
    ["kid", receipt.kid, device],
    ["did", receipt.did, statement.did],
    ["chip", receipt.chip, statement.chip],
    ["model", receipt.model, statement.model],
    ["network", receipt.network, statement.network],
    ["firmware.name", receipt.firmware.name, statement.firmware],
    ["firmware.version", receipt.firmware.version, statement.version],
    ["sensors", listOf(receipt.sensors), listOf(statement.quantities)],
  ];
  for (const [member, said, proven] of pairs)
    if (said !== proven) throw bad(`its ${member} is not what the board has signed`, AGAIN);
}

const listOf = (quantities: Receipt["sensors"]) =>
  JSON.stringify(quantities.map(({ name, unit, interval }) => [name, unit, interval]));

function checkOwner(receipt: Receipt, countersigned: string, against: ReceiptCheck): void {
  const { checker, owner, ownerKey = owner?.publicKey } = against;
  if (ownerKey === undefined)
    throw bad(
      "it is countersigned, and nobody said by whom",
      "Name the owner: owner.did or owner.key_file in the site file, or --owner-key.",
    );
  let signed: ReturnType<typeof readEnrolment>;
  try {
    signed = readEnrolment(base64.decode(countersigned), ownerKey, checker);
  } catch (error) {
    throw bad(`it is not countersigned by this owner: ${(error as Error).message}`, AGAIN);
  }
  const { network, site, statement } = signed;
  if (network !== receipt.network || site !== receipt.site || statement.did !== receipt.did)
    throw bad("its countersignature is of another board or another place", AGAIN);
}

const AGAIN = "Get the receipt again from whoever set the board up, or enrol the board again.";

const bad = (message: string, hint: string) => new OperationError("receipt", "receipt-bad", message, hint);
