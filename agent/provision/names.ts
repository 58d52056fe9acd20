import { utf8Length } from "../cbor/utf8.js";

const MAX_LABEL = 63;
const MAX_NAME_BYTES = 48;

/** One label of RFC 1123 §2.1: letters, digits and hyphens, neither end a hyphen; DNS allows a label 63 of them. */
export function isHostname(name: string): boolean {
  const { length } = name;
  if (length === 0 || length > MAX_LABEL) return false;
  for (let i = 0; i < length; i++) {
    const code = name.charCodeAt(i);
    const letter = (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a);
    const digit = code >= 0x30 && code <= 0x39;
    const isHyphen = code === 0x2d && i > 0 && i < length - 1;
    if (!(letter || digit || isHyphen)) return false;
  }
  return true;
}

/** What people call a board: 1 to 48 bytes of UTF-8 without control characters. */
export function isDeviceName(name: string): boolean {
  if (name.length === 0 || utf8Length(name) > MAX_NAME_BYTES) return false;
  for (let i = 0; i < name.length; i++) {
    const code = name.charCodeAt(i);
    if (code < 0x20 || (code >= 0x7f && code < 0xa0)) return false;
  }
  return true;
}
