import { readUtf8, utf8Length, writeUtf8 } from "../../../../agent/cbor/utf8.js";

export function utf8(text: string): Uint8Array {
  const bytes = new Uint8Array(utf8Length(text));
  writeUtf8(text, bytes, 0);
  return bytes;
}

/** Throws SyntaxError for what is no JSON. */
export function parse(bytes: Uint8Array): unknown {
  return JSON.parse(readUtf8(bytes, 0, bytes.length) ?? "");
}
