/**
 * A DER signature, `SEQUENCE { INTEGER r, INTEGER s }` (X.690 §8, §10), as r‖s of 64 bytes; undefined for what is
 * not strict DER, or whose r or s is negative or has more than 32 bytes.
 */
export function signatureOfDer(der: Uint8Array): Uint8Array | undefined {
  // Two integers of 33 bytes at most: the length always fits one byte.
  if (der[0] !== 0x30 || der[1] !== der.length - 2 || der.length > 72) return undefined;
  const r = readInteger(der, 2);
  if (r === undefined) return undefined;
  const s = readInteger(der, r.end);
  if (s === undefined || s.end !== der.length) return undefined;
  const signature = new Uint8Array(64);
  signature.set(r.digits, 32 - r.digits.length);
  signature.set(s.digits, 64 - s.digits.length);
  return signature;
}

function readInteger(der: Uint8Array, at: number): { digits: Uint8Array; end: number } | undefined {
  const length = der[at + 1];
  if (der[at] !== 0x02 || length === undefined || length === 0) return undefined;
  const end = at + 2 + length;
  if (end > der.length) return undefined;
  let digits = der.subarray(at + 2, end);
  const [first = 0, second = 0] = digits;
  if (first >= 0x80) return undefined; // negative
  if (first === 0 && digits.length > 1) {
    if (second < 0x80) return undefined; // a zero too many
    digits = digits.subarray(1);
  }
  return digits.length > 32 ? undefined : { digits, end };
}
