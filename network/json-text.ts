const UTF8 = new TextDecoder("utf-8", { fatal: true });

/**
 * The text of a JSON file: UTF-8 (RFC 8259 §8.1), with or without a byte order mark, which is no part of it.
 * Throws RangeError that shows nothing of the text.
 */
export function decodeJson(bytes: Uint8Array): string {
  const [first, second] = bytes;
  const isUtf16 =
    (first === 0xff && second === 0xfe) ||
    (first === 0xfe && second === 0xff) ||
    (bytes.length > 1 && (first === 0) !== (second === 0));
  if (isUtf16) throw new RangeError("not JSON: its text is UTF-16; save it as UTF-8");
  try {
    return UTF8.decode(bytes);
  } catch {
    throw new RangeError("not JSON: it is not text in UTF-8");
  }
}

/** Parses JSON. Throws RangeError that says at which character the flaw is, where V8 says, and shows nothing: it may be a key. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const position = /at position (\d+)/.exec((error as Error).message)?.[1];
    throw new RangeError(
      position === undefined ? "not JSON" : `not JSON: see character ${Number(position) + 1}`,
    );
  }
}
