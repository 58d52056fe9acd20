import { sha256 } from "@noble/hashes/sha2.js";

/** First byte of every image for a chip of Espressif's. */
export const IMAGE_MAGIC = 0xe9;
/** ESP-IDF's esp_app_desc_t, which is the first thing in an application's first segment. */
const APP_MAGIC = 0xabcd5432;
const HEADER = 24;
const SEGMENT_HEAD = 8;
const MOST_SEGMENTS = 16;
const DIGEST = 32;
/** Offsets in the description. */
const VERSION = 16;
const PROJECT = 48;
const TEXT = 32;
/** Bytes from an image's beginning to the end of the description. */
export const DESCRIBED = HEADER + SEGMENT_HEAD + 256;

export interface AppDescription {
  readonly project: string;
  readonly version: string;
}

export interface AppImage extends AppDescription {
  /** esp_chip_id_t. */
  readonly chip: number;
  /** Bytes, the digest at the end included. */
  readonly length: number;
}

/**
 * Reads an application image (ESP-IDF, esp_image_format.h): a header of 24 bytes, segments, padding to 16 bytes whose last byte
 * is the checksum, and SHA-256 of all that. Undefined where it is none, is cut off, or does not agree with its digest; a
 * second-stage bootloader is an image without a description, and gives empty texts.
 */
export function readAppImage(bytes: Uint8Array): AppImage | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (bytes.length < HEADER || bytes[0] !== IMAGE_MAGIC) return undefined;
  const segments = bytes[1] as number;
  const hasDigest = bytes[23] === 1;
  if (segments === 0 || segments > MOST_SEGMENTS || !hasDigest) return undefined;
  let at = HEADER;
  for (let i = 0; i < segments; i++) {
    if (at + SEGMENT_HEAD > bytes.length) return undefined;
    at += SEGMENT_HEAD + view.getUint32(at + 4, true);
  }
  const end = at + 16 - (at % 16);
  if (end + DIGEST > bytes.length) return undefined;
  const digest = bytes.subarray(end, end + DIGEST);
  if (!sha256(bytes.subarray(0, end)).every((byte, i) => byte === digest[i])) return undefined;
  const described = end > DESCRIBED ? readAppDescription(bytes) : undefined;
  return {
    chip: view.getUint16(12, true),
    ...(described ?? { project: "", version: "" }),
    length: end + DIGEST,
  };
}

/** What an application says that it is, of its first bytes, DESCRIBED of them; the rest is not looked at. */
export function readAppDescription(bytes: Uint8Array): AppDescription | undefined {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const at = HEADER + SEGMENT_HEAD;
  if (bytes.length < DESCRIBED || bytes[0] !== IMAGE_MAGIC || view.getUint32(at, true) !== APP_MAGIC)
    return undefined;
  return { project: text(bytes, at + PROJECT), version: text(bytes, at + VERSION) };
}

function text(bytes: Uint8Array, at: number): string {
  const field = bytes.subarray(at, at + TEXT);
  const end = field.indexOf(0);
  return String.fromCharCode(
    ...(end < 0 ? field : field.subarray(0, end)).filter((code) => code >= 0x20 && code < 0x7f),
  );
}

/** Makes an image of one segment, which starts with a description where `project` is not empty: for simulated boards. */
export function writeAppImage(app: Omit<AppImage, "length">, content: Uint8Array): Uint8Array {
  const description = new Uint8Array(app.project === "" ? 0 : 256);
  if (description.length > 0) {
    new DataView(description.buffer).setUint32(0, APP_MAGIC, true);
    for (const [at, value] of [
      [VERSION, app.version],
      [PROJECT, app.project],
    ] as const)
      for (let i = 0; i < Math.min(value.length, TEXT - 1); i++) description[at + i] = value.charCodeAt(i);
  }
  const segment = Math.ceil((description.length + content.length) / 4) * 4;
  const end = HEADER + SEGMENT_HEAD + segment;
  const padded = end + 16 - (end % 16);
  const bytes = new Uint8Array(padded + DIGEST);
  const view = new DataView(bytes.buffer);
  bytes.set([IMAGE_MAGIC, 1, 2, 0x20]);
  view.setUint16(12, app.chip, true);
  bytes[23] = 1;
  view.setUint32(HEADER, 0x3c000020, true);
  view.setUint32(HEADER + 4, segment, true);
  bytes.set(description, HEADER + SEGMENT_HEAD);
  bytes.set(content, HEADER + SEGMENT_HEAD + description.length);
  bytes[padded - 1] = bytes.subarray(HEADER + SEGMENT_HEAD, end).reduce((sum, byte) => sum ^ byte, 0xef);
  bytes.set(sha256(bytes.subarray(0, padded)), padded);
  return bytes;
}
