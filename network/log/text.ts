import { base64 } from "@scure/base";
import { readUtf8, utf8Length, writeUtf8 } from "../../agent/cbor/utf8.js";

/** UTF-8 of `text`. */
export function utf8Of(text: string): Uint8Array {
  const bytes = new Uint8Array(utf8Length(text));
  writeUtf8(text, bytes, 0);
  return bytes;
}

/** The text in `bytes`; undefined where that is no strict UTF-8. */
export const readText = (bytes: Uint8Array): string | undefined => readUtf8(bytes, 0, bytes.length);

/** RFC 4648 §4, padded. */
export const base64Of = (bytes: Uint8Array): string => base64.encode(bytes);

/** The bytes of padded base64; undefined for what is none, or not in the one form that `base64Of` gives. */
export function readBase64(text: string): Uint8Array | undefined {
  try {
    const bytes = base64.decode(text);
    return base64.encode(bytes) === text ? bytes : undefined;
  } catch {
    return undefined;
  }
}

/** A whole number, 0 to 2^53 - 1, in decimal without leading zeros; undefined for any other text. */
export function readDecimal(text: string): number | undefined {
  if (!/^(?:0|[1-9][0-9]{0,15})$/.test(text)) return undefined;
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : undefined;
}

/** Whether there is a character below U+0020 other than a line feed (signed-note, "Format"). */
export function hasControl(text: string): boolean {
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < 0x20 && code !== 0x0a) return true;
  }
  return false;
}
