import { host } from "./host.js";
import { type Case, cases, type Suite } from "./jest-globals.js";

/** Characters of a failure's text that are told. */
const LONGEST = 4000;

/** Outermost first. */
function suitesOf(suite: Suite): Suite[] {
  return suite.parent === undefined ? [suite] : [...suitesOf(suite.parent), suite];
}

async function runCase({ suite, body }: Case): Promise<void> {
  const outer = suitesOf(suite);
  const inner = [...outer].reverse();
  try {
    for (const one of outer) {
      if (one.begun) continue;
      one.begun = true;
      for (const hook of one.hooks.beforeAll) await hook();
    }
    for (const one of outer) for (const hook of one.hooks.beforeEach) await hook();
    await body();
  } finally {
    for (const one of inner) for (const hook of one.hooks.afterEach) await hook();
    for (const one of inner) if (--one.left === 0) for (const hook of one.hooks.afterAll) await hook();
  }
}

function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? "" : `\ncaused by ${textOf(error.cause)}`;
  return `${error.name}: ${error.message}${cause}`;
}

/** UTF-16 code units of a code point. */
function unitsOf(point: number): number[] {
  if (point < 0x10000) return [point];
  return [0xd800 + ((point - 0x10000) >> 10), 0xdc00 + ((point - 0x10000) & 0x3ff)];
}

const escaped = (unit: number) => `\\u${unit.toString(16).padStart(4, "0")}`;

/** JSON in ASCII: the board's messages are bytes, and XS has no TextEncoder. */
function send(id: number, value: unknown): void {
  const codes: number[] = [];
  for (const character of JSON.stringify(value)) {
    const point = character.codePointAt(0) as number;
    const ascii = point < 0x80 ? character : unitsOf(point).map(escaped).join("");
    for (const one of ascii) codes.push(one.charCodeAt(0));
  }
  host.send(0, id, Uint8Array.from(codes));
}

/** Message `id` runs the case of this number; it answers with the same `id` and its name and outcome, at the end of the turn. */
async function receive(_kind: number, id: number): Promise<void> {
  const one = cases[id] as Case;
  let outcome = "passed";
  try {
    await runCase(one);
  } catch (error) {
    outcome = `failed: ${textOf(error).slice(0, LONGEST)}`;
  }
  send(id, [one.name, outcome]);
}

/** Called when the test file has declared its cases: tells their names. */
export function start(): void {
  Object.assign(globalThis, { receive });
  send(
    0,
    cases.map(({ name }) => name),
  );
}
