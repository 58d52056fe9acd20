import { InputError } from "../agent/input-error.js";

/**
 * Parses JSON. Throws InputError that says at which character the flaw is, where V8 says, and shows nothing: it may be a key.
 * An object with the same member twice is refused: of the two, each reader believes another one (RFC 8259 §4).
 */
export function parseJson(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const position = /at position (\d+)/.exec((error as Error).message)?.[1];
    throw new InputError(
      position === undefined ? "not JSON" : `not JSON: see character ${Number(position) + 1}`,
    );
  }
  const doubled = findDoubled(text);
  if (doubled >= 0)
    throw new InputError(
      `the same member twice in one object: see character ${doubled + 1}; keep one of them`,
    );
  return value;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const OPEN = 0x7b;
const CLOSE = 0x7d;

/** Where in `text`, which is JSON, a member's name stands that its object has already; -1 where none does. */
function findDoubled(text: string): number {
  const objects: Set<string>[] = [];
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === OPEN) objects.push(new Set());
    else if (code === CLOSE) objects.pop();
    if (code !== QUOTE) continue;
    const start = at;
    for (at++; text.charCodeAt(at) !== QUOTE; at++) if (text.charCodeAt(at) === BACKSLASH) at++;
    let after = at + 1;
    while (text.charCodeAt(after) <= 0x20) after++;
    if (text.charCodeAt(after) !== COLON) continue; // a value, not a name
    // As it is meant, not as it is written: "\u006e" is "n".
    const name = JSON.parse(text.slice(start, at + 1)) as string;
    const names = objects.at(-1) as Set<string>;
    if (names.has(name)) return start;
    names.add(name);
  }
  return -1;
}
