import { keccak_256 } from "@noble/hashes/sha3.js";
import { base58 } from "@scure/base";
import { hex } from "../cose/kid.js";
import { InputError } from "../input-error.js";

/** Multicodec secp256k1-pub, 0xe7, as an unsigned varint (did:key §3.1.3). */
const MULTICODEC_SECP256K1 = [0xe7, 0x01];
const DID_KEY = "did:key:z"; // z: multibase base58btc
const COMPRESSED_KEY_BYTES = 33;
const UNCOMPRESSED_KEY_BYTES = 65;

/** `did:key:zQ3s…` of a compressed public key (33 bytes). */
export function didOfKey(publicKey: Uint8Array): string {
  if (publicKey.length !== COMPRESSED_KEY_BYTES)
    throw new InputError(`publicKey: expected ${COMPRESSED_KEY_BYTES} bytes, got ${publicKey.length}`);
  return DID_KEY + base58.encode(Uint8Array.of(...MULTICODEC_SECP256K1, ...publicKey));
}

/** The compressed public key in a `did:key:zQ3s…`. Throws InputError for any other DID. */
export function keyOfDid(did: string): Uint8Array {
  if (!did.startsWith(DID_KEY)) throw new InputError(`"${did}" is not a did:key`);
  let bytes: Uint8Array;
  try {
    bytes = base58.decode(did.slice(DID_KEY.length));
  } catch {
    throw new InputError(`"${did}" is not base58btc after did:key:z`);
  }
  const known = bytes[0] === MULTICODEC_SECP256K1[0] && bytes[1] === MULTICODEC_SECP256K1[1];
  const key = bytes.subarray(MULTICODEC_SECP256K1.length);
  if (!known || key.length !== COMPRESSED_KEY_BYTES)
    throw new InputError(`"${did}" is not a secp256k1 key: those start did:key:zQ3s`);
  return key;
}

/**
 * The address that EVM chains' `ecrecover` gives for a key: the last 20 bytes of Keccak-256 of the uncompressed
 * point without its first byte (Ethereum yellow paper, appendix F), in mixed case (ERC-55).
 */
export function evmAddress(uncompressedKey: Uint8Array): string {
  if (uncompressedKey.length !== UNCOMPRESSED_KEY_BYTES)
    throw new InputError(
      `uncompressedKey: expected ${UNCOMPRESSED_KEY_BYTES} bytes, got ${uncompressedKey.length}`,
    );
  const address = hex(keccak_256(uncompressedKey.subarray(1)).subarray(-20));
  const checksum = hex(keccak_256(Uint8Array.from(address, (character) => character.charCodeAt(0))));
  let text = "0x";
  for (let i = 0; i < address.length; i++) {
    const character = address.charAt(i);
    text += checksum.charAt(i) >= "8" ? character.toUpperCase() : character;
  }
  return text;
}
