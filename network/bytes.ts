import { DIGEST_BYTES } from "../agent/frame/layout.js";
import type { Hasher } from "../agent/ports/signer.js";

/** Arguments that one call takes without fear for the stack. */
const PIECE = 4096;
const HEX = "0123456789abcdef";

/**
 * Bytes as a text of their own, a character a byte: on V8 it takes 16 bytes beside them, an array
 * 250. `end`: of the part that is wanted.
 */
export function textOf(bytes: Uint8Array, end = bytes.length): string {
  if (end <= PIECE) return pieceOf(bytes.subarray(0, end));
  let text = "";
  for (let at = 0; at < end; at += PIECE) text += pieceOf(bytes.subarray(at, Math.min(end, at + PIECE)));
  return text;
}

/**
 * Lower-case hex, as `hex` of agent/cose/kid.ts has it, for texts that are kept: one that is put
 * together letter by letter keeps all its pieces on V8, 2 KB of 64 letters.
 */
export function hexText(bytes: Uint8Array): string {
  const letters = new Uint8Array(2 * bytes.length);
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] as number;
    letters[2 * i] = HEX.charCodeAt(byte >> 4);
    letters[2 * i + 1] = HEX.charCodeAt(byte & 15);
  }
  return textOf(letters);
}

/** The reverse of `textOf`. */
export function bytesOf(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  writeText(text, bytes, 0);
  return bytes;
}

/** Writes what `bytesOf` would return to `into` from `at`; returns where it ends. */
export function writeText(text: string, into: Uint8Array, at: number): number {
  for (let i = 0; i < text.length; i++) into[at + i] = text.charCodeAt(i);
  return at + text.length;
}

/** SHA-256, 32 bytes. */
export function digestOf(bytes: Uint8Array, hasher: Hasher): Uint8Array {
  const digest = new Uint8Array(DIGEST_BYTES);
  hasher.sha256(bytes, digest, 0);
  return digest;
}

/** SHA-256 of them, as such a text. */
export const digestText = (bytes: Uint8Array, hasher: Hasher): string => textOf(digestOf(bytes, hasher));

function pieceOf(bytes: Uint8Array): string {
  // It takes anything that is like an array.
  return String.fromCharCode.apply(null, bytes as unknown as number[]);
}
