import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { base64 } from "@scure/base";
import { toBuffer } from "qrcode";
import type { Signer } from "../agent/ports/signer.js";
import { createRegistry, type EnrolledDevice } from "../network/verify/registry.js";
import { keyReader, signatureChecker } from "../node/ports/signer.js";
import { write } from "../node/provision/registry-file.js";
import { readTextFile } from "../node/text-file.js";
import { OperationError } from "../provision/events.js";
import { checkReceipt } from "../provision/operations/check-receipt.js";
import { labelSvg, labelText } from "../provision/operations/label.js";
import type { Receipt } from "../provision/operations/receipt.js";
import { enrolledSensors, rangesOf } from "../provision/site/ranges.js";
import type { Site } from "../provision/site/site.js";
import { type Entered, enter } from "./enrolment.js";

/** Writes a board's receipt (JSON) and its label (SVG; the QR code alone as PNG) into a folder. Returns the receipt's name. */
export async function writeReceipt(folder: string, receipt: Receipt): Promise<string> {
  mkdirSync(folder, { recursive: true });
  const name = join(folder, receipt.device);
  write(`${name}.svg`, await labelSvg(receipt));
  write(`${name}.png`, await toBuffer(labelText(receipt), { scale: 8 }));
  write(`${name}.json`, `${JSON.stringify(receipt, null, 2)}\n`);
  return `${name}.json`;
}

/** Where receipts become entries of a registry. */
export interface Desk {
  readonly network: string;
  /** Left out: whatever place a receipt names. */
  readonly site?: string | undefined;
  readonly sensors: Pick<Site, "sensors">;
  readonly owner?: Signer | undefined;
  readonly ownerKey?: Uint8Array | undefined;
  readonly registry: string;
  /** Folder of receipts and labels. */
  readonly receipts: string;
}

export interface Filed extends Entered {
  /** Countersigned, where the owner's key is there. */
  readonly receipt: Receipt;
  readonly file: string;
}

/**
 * Checks a receipt that was made elsewhere, in a browser, and puts its board into the registry; then files the receipt. What is
 * refused changes nothing; the same again is fine. Throws OperationError.
 */
export async function fileReceipt(given: unknown, desk: Desk): Promise<Filed> {
  const sensorsOf = (quantities: Receipt["sensors"]) => enrolledSensors(quantities, desk.sensors);
  const { network, site, owner, ownerKey } = desk;
  const { receipt, statement } = checkReceipt(given, {
    network,
    site,
    owner,
    ownerKey,
    checker: signatureChecker,
    ranges: (quantities) => rangesOf(sensorsOf(quantities)),
  });
  const sensors = sensorsOf(statement.quantities);
  const { did, name, position, at } = receipt;
  const device = {
    did,
    site: receipt.site,
    enrolled: at,
    ...(name !== undefined && { name }),
    ...(position !== undefined && { position }),
    sensors,
    configurations: [statement.configuration],
  };
  checkEntry(network, device);
  const { registry } = desk;
  const proof = base64.decode(receipt.statement);
  const entered = enter({ registry, network, device, kid: receipt.device, proof, owner });
  const newer = newerThan(receipt, desk.receipts);
  return { receipt, ...entered, file: newer ?? (await writeReceipt(desk.receipts, receipt)) };
}

/** What a board signs of its sensors may be more than a registry can say. */
function checkEntry(network: string, device: EnrolledDevice): void {
  try {
    createRegistry({ network, devices: [device] }, keyReader, "its entry");
  } catch (error) {
    throw new OperationError(
      "receipt",
      "receipt-bad",
      `no registry can have it: ${(error as Error).message}`,
      "Keep the board for whoever made its firmware.",
    );
  }
}

/** A receipt of the same board that was made later, and stays. */
function newerThan({ device, at }: Receipt, folder: string): string | undefined {
  const file = join(folder, `${device}.json`);
  if (!existsSync(file)) return undefined;
  try {
    const { at: filed } = JSON.parse(readTextFile(file)) as Partial<Receipt>;
    return Date.parse(filed ?? "") > Date.parse(at) ? file : undefined;
  } catch {
    return undefined; // not a receipt: it is replaced
  }
}
