import { host } from "./host.js";

/** Texts between board and Node are ASCII; anything else becomes "?". */
export function ascii(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    bytes[i] = code < 0x80 ? code : 0x3f;
  }
  return bytes;
}

export function text(bytes: Uint8Array | undefined): string {
  return bytes === undefined ? "" : host.text(bytes);
}
