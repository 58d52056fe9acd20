import { InputError } from "../input-error.js";

/** X.690: tags of what a certificate is made of (RFC 5280 §4.1). */
const INTEGER = 0x02;
const BIT_STRING = 0x03;
const OCTET_STRING = 0x04;
const SEQUENCE = 0x30;
const VERSION = 0xa0;
const EXTENSIONS = 0xa3;
const CONSTRUCTED = 0x20;
const FORM = Object.freeze([SEQUENCE, SEQUENCE, BIT_STRING]);
/** Serial number, signature, issuer, validity, subject, public key. */
const BODY = Object.freeze([INTEGER, SEQUENCE, SEQUENCE, SEQUENCE, SEQUENCE, SEQUENCE]);
/** An extension's value is a child of: certificate, body, [3], list, extension. */
const VALUE_DEPTH = 5;
const DEEPEST = 12;
const LONGEST = 4096;

/**
 * Throws InputError where `der` is no X.509 certificate by its form, each part within the one around it to the byte. What it says is not looked
 * at. The SDK's own reader follows any length it finds, also out of the certificate.
 */
export function checkCertificateForm(der: Uint8Array): void {
  if (der.length > LONGEST) throw new InputError(`a certificate of ${der.length} bytes`);
  const outer = new Part(der, 0, der.length);
  if (outer.tag !== SEQUENCE || outer.end !== der.length) throw new InputError("no certificate in DER");
  const [body, ...rest] = children(der, outer);
  if (body === undefined || ![body, ...rest].every(({ tag }, i) => tag === FORM[i]) || rest.length !== 2)
    throw new InputError("no X.509 certificate");
  const parts = children(der, body);
  if (parts[0]?.tag === VERSION) parts.shift();
  if (!BODY.every((tag, i) => parts[i]?.tag === tag)) throw new InputError("no X.509 certificate");
  walk(der, outer, 1, false);
}

/** One element: where its content begins and ends. */
class Part {
  readonly tag: number;
  readonly start: number;
  readonly end: number;

  /** Throws InputError where it does not end within `limit`. */
  constructor(der: Uint8Array, at: number, limit: number) {
    this.tag = der[at] ?? 0;
    const first = der[at + 1] ?? 0;
    const octets = first < 0x80 ? 0 : first - 0x80;
    let length = octets === 0 ? first : 0;
    for (let i = 0; i < octets && i < 3; i++) length = length * 256 + (der[at + 2 + i] ?? 0);
    this.start = at + 2 + octets;
    this.end = this.start + length;
    if (first === 0x80 || octets > 2 || this.end > limit)
      throw new InputError(`a certificate that is damaged at byte ${at}`);
  }
}

function children(der: Uint8Array, parent: Part): Part[] {
  const found: Part[] = [];
  for (let at = parent.start; at < parent.end; ) {
    const part = new Part(der, at, parent.end);
    found.push(part);
    at = part.end;
  }
  return found;
}

function walk(der: Uint8Array, parent: Part, depth: number, isExtension: boolean): void {
  if (depth > DEEPEST) throw new InputError("a certificate that is nested too deep");
  for (const part of children(der, parent)) {
    const isValue = isExtension && depth === VALUE_DEPTH && part.tag === OCTET_STRING;
    if ((part.tag & CONSTRUCTED) !== 0 || isValue)
      walk(der, part, depth + 1, isExtension || (depth === 2 && part.tag === EXTENSIONS));
  }
}
