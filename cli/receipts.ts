import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { toBuffer } from "qrcode";
import { write } from "../provision/node/registry-file.js";
import { labelSvg, labelText } from "../provision/operations/label.js";
import type { Receipt } from "../provision/operations/receipt.js";

/** Writes a board's receipt (JSON) and its label (SVG; the QR code alone as PNG) into a folder. Returns the receipt's name. */
export async function writeReceipt(folder: string, receipt: Receipt): Promise<string> {
  mkdirSync(folder, { recursive: true });
  const name = join(folder, receipt.device);
  write(`${name}.svg`, await labelSvg(receipt));
  write(`${name}.png`, await toBuffer(labelText(receipt), { scale: 8 }));
  write(`${name}.json`, `${JSON.stringify(receipt, null, 2)}\n`);
  return `${name}.json`;
}
