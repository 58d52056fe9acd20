import { toString as qrText } from "qrcode";
import { visible } from "../../text/visible.js";
import { positionText } from "../names/place.js";
import type { Receipt } from "./receipt.js";

/** Millimetres; a label of 62 by 29 is what small label printers take, whose edges are not to be relied on. */
const WIDTH = 62;
const HEIGHT = 29;
const MARGIN = 2;
const CODE = HEIGHT - 2 * MARGIN;
const TEXT_AT = MARGIN + CODE + MARGIN;
/** Of the kid, in two lines, and of the four lines below: font size, and from one line to the next. */
const NAME = { size: 4.2, line: 4.6 };
const LINE = { size: 2.8, line: 3.8 };
/** Baselines: capitals of the first line reach up to MARGIN, and what hangs below the last stays above it. */
const FIRST_NAME = MARGIN + 0.75 * NAME.size;
const FIRST_LINE = FIRST_NAME + NAME.line + 4.5;
/** Characters of the small lines that fit: monospaced ones are 0.6 of their size wide, or a little more. */
const FIT = Math.floor((WIDTH - MARGIN - TEXT_AT) / (0.61 * LINE.size));

/** What a label's QR code says: a did with kid, site, name and position (`at`) as its parameters (DID Core §3.2: query), which any reader shows. */
export function labelText({ did, kid, site, name, position }: Labelled): string {
  const parameters = [
    `&site=${encoded(site)}`,
    ...(name === undefined ? [] : [`&name=${encoded(name)}`]),
    ...(position === undefined ? [] : [`&at=${positionText(position)}`]),
  ];
  const start = `${did}?kid=${kid}`;
  return parameters.reduce((text, more) => (text.length + more.length > MOST ? text : text + more), start);
}

/** Characters of a QR code that is still read off paper of this size: longer names are left out. The largest code holds 2,331. */
const MOST = 1000;

/** Half a surrogate pair cannot be written in UTF-8. */
const encoded = (text: string) => encodeURIComponent(text.replace(/\p{Cs}/gu, "\ufffd"));

type Labelled = Pick<Receipt, "did" | "kid" | "site" | "name" | "position">;

/** A label to print and stick on: QR code, kid, name, site, position or network, and day; without a name site, network, model. SVG, 62 by 29 mm. */
export async function labelSvg(receipt: Receipt): Promise<string> {
  const code = await qrText(labelText(receipt), { type: "svg", errorCorrectionLevel: "M", margin: 1 });
  const inner = code.replace(
    "<svg ",
    `<svg x="${MARGIN}" y="${MARGIN}" width="${CODE}" height="${CODE}" role="img" aria-label="QR code" `,
  );
  const { kid, site, network, name, position, model, at } = receipt;
  const named = [name ?? "", site, position ? `${position.lat} ${position.lon}` : network];
  const lines = [
    kid.slice(0, 8),
    kid.slice(8),
    ...(name === undefined ? [site, network, model] : named),
    at.slice(0, 10),
  ];
  const text = lines.map((line, i) => {
    const isName = i < 2;
    const { size } = isName ? NAME : LINE;
    const y = isName ? FIRST_NAME + NAME.line * i : FIRST_LINE + LINE.line * (i - 2);
    const weight = isName ? ' font-weight="bold"' : "";
    return `<text x="${TEXT_AT}" y="${y.toFixed(2)}" font-size="${size}"${weight}>${escaped(shortened(visible(line)))}</text>`;
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

/** What fits beside the code. Letters of East Asia and pictures are twice as wide as others. */
function shortened(line: string): string {
  const letters = Array.from(line);
  const width = (end: number) =>
    letters.slice(0, end).reduce((sum, letter) => sum + (isWide(letter) ? 2 : 1), 0);
  if (width(letters.length) <= FIT) return line;
  let end = letters.length;
  while (width(end) > FIT - 1) end--;
  return `${letters.slice(0, end).join("")}…`;
}

/** From Hangul on (U+1100); what is narrow among these is seldom. */
const isWide = (letter: string) => (letter.codePointAt(0) ?? 0) >= 0x1100;

const escaped = (text: string) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
