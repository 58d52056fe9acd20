const QUOTE = 0x22;
const ESCAPE = 0x5c;
const LIST = 0x5b;
const OBJECT = 0x7b;
/** `,` `:` `[` `{`: each stands for a value, or for what holds values. */
const PARTS: readonly number[] = Object.freeze([0x2c, 0x3a, LIST, OBJECT]);

/** `]` `}`. */
const ENDS: readonly number[] = Object.freeze([0x5d, 0x7d]);

/** How deep the objects and lists of a JSON text lie in one another: reading it takes as much of the stack. */
export function depthOf(json: Uint8Array): number {
  let depth = 0;
  let deepest = 0;
  let isText = false;
  for (let at = 0; at < json.length; at++) {
    const byte = json[at] as number;
    if (byte === QUOTE) isText = !isText;
    else if (isText && byte === ESCAPE) at++;
    else if (!isText && (byte === LIST || byte === OBJECT)) deepest = Math.max(deepest, ++depth);
    else if (!isText && ENDS.includes(byte)) depth--;
  }
  return deepest;
}

/**
 * What a JSON text would take of an engine's memory, without making anything of it: its values, and the objects and lists around them. Of what
 * is no JSON some number.
 */
export function partsOf(json: Uint8Array): number {
  let parts = 0;
  let isText = false;
  for (let at = 0; at < json.length; at++) {
    const byte = json[at] as number;
    if (byte === QUOTE) isText = !isText;
    else if (isText && byte === ESCAPE) at++;
    else if (!isText && PARTS.includes(byte)) parts++;
  }
  return parts;
}
