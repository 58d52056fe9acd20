import { keccak_256 } from "@noble/hashes/sha3.js";
import { utf8Length, writeUtf8 } from "../../agent/cbor/utf8.js";

/*
 * EIP-712: what is signed over a struct, so that a contract can check it. Only what statements need:
 * each member becomes a word of 32 bytes.
 */

const WORD = 32;

export const keccak = (bytes: Uint8Array): Uint8Array => keccak_256(bytes);

/** keccak256(keccak256(`type`) ‖ words), for a type as EIP-712 encodes it: `Mail(address to,string text)`. */
export function structHash(type: string, words: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(WORD * (1 + words.length));
  all.set(keccak(utf8(type)));
  for (const [at, word] of words.entries()) {
    if (word.length !== WORD) throw new Error(`a word has ${WORD} bytes, not ${word.length}`);
    all.set(word, WORD * (1 + at));
  }
  return keccak(all);
}

/** What is signed: keccak256(19 01 ‖ domain ‖ struct), 32 bytes. */
export function typedDigest(domain: Uint8Array, struct: Uint8Array): Uint8Array {
  const all = new Uint8Array(2 + 2 * WORD);
  all.set([0x19, 0x01]);
  all.set(domain, 2);
  all.set(struct, 2 + WORD);
  return keccak(all);
}

/** A string or bytes: its hash. */
export const stringWord = (value: string): Uint8Array => keccak(utf8(value));

/** A whole number from 0 to 2^53 - 1. */
export function uintWord(value: number): Uint8Array {
  const word = new Uint8Array(WORD);
  new DataView(word.buffer).setBigUint64(WORD - 8, BigInt(value));
  return word;
}

/** 20 bytes. */
export function addressWord(address: Uint8Array): Uint8Array {
  const word = new Uint8Array(WORD);
  word.set(address, WORD - address.length);
  return word;
}

function utf8(value: string): Uint8Array {
  const bytes = new Uint8Array(utf8Length(value));
  writeUtf8(value, bytes, 0);
  return bytes;
}
