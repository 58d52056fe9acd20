/** Of base58btc (Multibase, draft-multiformats §Appendix D). */
const ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
/** did:key, base58btc, and the multicodec secp256k1-pub (0xe7) as an unsigned varint. */
const PREFIX = "did:key:z";
const MULTICODEC = 0xe701;

/**
 * `did:key:zQ3s…` of a compressed public key, 33 bytes: what agent/frame/identity.ts makes, without the libraries that a board has no flash
 * for. The first byte is never 0, so that no leading zeros need be counted.
 */
export function didOf(publicKey: Uint8Array): string {
  /** The number so far in base 58, the lowest digit first. */
  const digits: number[] = [];
  append(digits, MULTICODEC >> 8);
  append(digits, MULTICODEC & 0xff);
  for (const byte of publicKey) append(digits, byte);
  let text = "";
  for (const digit of digits) text = ALPHABET.charAt(digit) + text;
  return PREFIX + text;
}

/** The number times 256, plus `byte`. */
function append(digits: number[], byte: number): void {
  let carry = byte;
  for (let i = 0; i < digits.length; i++) {
    carry += (digits[i] as number) * 256;
    digits[i] = carry % 58;
    carry = Math.floor(carry / 58);
  }
  for (; carry > 0; carry = Math.floor(carry / 58)) digits.push(carry % 58);
}
