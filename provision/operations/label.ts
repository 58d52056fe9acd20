import { toString as qrText } from "qrcode";
import type { Receipt } from "./receipt.js";

/** Millimetres; a label of 62 by 29 is what small label printers take. */
const WIDTH = 62;
const HEIGHT = 29;
const CODE = 25;

/** What a label's QR code says: a did with kid and site as its parameters (DID Core §3.2: query), which any reader shows. */
export function labelText({ did, kid, site }: Pick<Receipt, "did" | "kid" | "site">): string {
  return `${did}?kid=${kid}&site=${encodeURIComponent(site)}`;
}

/** A label to print and stick on: QR code, kid, site, network, model and day. SVG, 62 by 29 mm. */
export async function labelSvg(receipt: Receipt): Promise<string> {
  const code = await qrText(labelText(receipt), { type: "svg", errorCorrectionLevel: "M", margin: 1 });
  const inner = code.replace(
    "<svg ",
    `<svg x="2" y="2" width="${CODE}" height="${CODE}" role="img" aria-label="QR code" `,
  );
  const { kid, site, network, model, at } = receipt;
  const lines = [kid.slice(0, 8), kid.slice(8), site, network, model, at.slice(0, 10)];
  const text = lines.map((line, i) => {
    const isName = i < 2;
    const y = isName ? 7 + 4.5 * i : 7 + 3.6 * i + 3;
    return `<text x="${CODE + 4}" y="${y}" font-size="${isName ? 4.2 : 2.8}"${isName ? ' font-weight="bold"' : ""}>${escaped(shortened(line))}</text>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}mm" height="${HEIGHT}mm" viewBox="0 0 ${WIDTH} ${HEIGHT}" font-family="monospace">`,
    `<title>${escaped(`Fieldmark device ${kid}`)}</title>`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>`,
    inner.trim(),
    ...text,
    "</svg>",
    "",
  ].join("\n");
}

/** What fits beside the code. */
const shortened = (line: string) => (line.length > 19 ? `${line.slice(0, 18)}…` : line);

const escaped = (text: string) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
