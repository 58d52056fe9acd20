import { unhex } from "../cose/kid.js";
import { WITNESS_KEY_BYTES } from "../receipt/witness-config.js";

/** Of base58btc (Multibase, draft-multiformats §Appendix D). */
const ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
/** did:key, base58btc; its bytes begin with the multicodec secp256k1-pub (0xe7) as an unsigned varint. */
const PREFIX = "did:key:z";
const MULTICODEC = [0xe7, 0x01] as const;
/** Characters that so many bytes take in base58 which do not begin with 0. */
const DID_DIGITS = 48;
const HEX_DIGITS = 2 * WITNESS_KEY_BYTES;

/**
 * The compressed public key of a witness, given in hex or as `did:key:zQ3s…`: what agent/frame/identity.ts reads, without the libraries that
 * a board has no flash for. Undefined where it is none by its form.
 */
export function readWitnessKey(given: string): Uint8Array | undefined {
  const key = given.startsWith(PREFIX) ? keyOfDigits(given.slice(PREFIX.length)) : keyOfHex(given);
  return key !== undefined && (key[0] === 2 || key[0] === 3) ? key : undefined;
}

function keyOfHex(text: string): Uint8Array | undefined {
  if (text.length !== HEX_DIGITS) return undefined;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i) | 0x20; // in lower case; digits have that bit
    if (!((code >= 0x30 && code <= 0x39) || (code >= 0x61 && code <= 0x66))) return undefined;
  }
  return unhex(text);
}

function keyOfDigits(text: string): Uint8Array | undefined {
  if (text.length !== DID_DIGITS) return undefined;
  const bytes = new Uint8Array(MULTICODEC.length + WITNESS_KEY_BYTES);
  for (let i = 0; i < text.length; i++) {
    let carry = ALPHABET.indexOf(text.charAt(i));
    if (carry < 0) return undefined;
    // All bytes so far times 58, and the digit.
    for (let at = bytes.length - 1; at >= 0; at--) {
      carry += (bytes[at] as number) * 58;
      bytes[at] = carry & 0xff;
      carry >>= 8;
    }
    if (carry > 0) return undefined;
  }
  if (bytes[0] !== MULTICODEC[0] || bytes[1] !== MULTICODEC[1]) return undefined;
  return bytes.slice(MULTICODEC.length);
}
