import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { dateText } from "../../text/date-text.js";
import { visible, visibleJson, visibleLines } from "../../text/visible.js";
import { HOSTILE_TEXTS, unfit } from "../support/hostile-text.js";

describe("a text from outside", () => {
  test.each([
    ["temperature", "temperature"],
    ["Gäste 😀 Ελλάδα 漢字", "Gäste 😀 Ελλάδα 漢字"],
    ["Việt Nam", "Việt Nam"],
    ["\u001b[2J", "\\u{1b}[2J"],
    ["a\nb\tc\r", "a\\nb\\tc\\r"],
    ["\u009b31m", "\\u{9b}31m"],
    ["\u202egnp", "\\u{202e}gnp"],
    ["a\u2028b", "a\\u{2028}b"],
    ["\ud800", "\\u{d800}"],
    ["\u{e0041}", "\\u{e0041}"],
    ["\u0301a", "\\u{301}a"],
    ["e\u0301\u0301\u0301\u0301\u0301", "e\u0301\u0301\u0301\u0301\\u{301}"],
    ["field\u00a0", "field\\u{a0}"],
    ["", ""],
  ])("%j is shown as %j", (text, shown) => {
    expect(visible(text)).toBe(shown);
    expect(visible(visible(text))).toBe(shown);
  });

  test.each(HOSTILE_TEXTS.map((text, i): [number, string] => [i, text]))(
    "hostile text %d has nothing left that a terminal obeys",
    (_, text) => {
      expect(unfit(visible(text), 200)).toBeUndefined();
      expect(visible(text)).not.toContain("\n");
      expect(unfit(visibleLines(`${text}\nours ${text}`))).toBeUndefined();
      const json = visibleJson({ [text]: [text] });
      expect(unfit(json, Number.POSITIVE_INFINITY)).toBeUndefined();
      expect(json).not.toContain("\n");
      expect(JSON.parse(json)).toEqual(JSON.parse(JSON.stringify({ [text]: [text] })));
    },
  );

  test("is cut where it is too wide, and says so", () => {
    expect(visible("x".repeat(200))).toBe("x".repeat(200));
    expect(visible("x".repeat(201))).toBe(`${"x".repeat(199)}…`);
    expect(visible("漢".repeat(201))).toBe(`${"漢".repeat(99)}…`);
    expect(visible("\u001b".repeat(3), 12)).toBe("\\u{1b}…");
    expect(visible("x".repeat(1e7))).toHaveLength(200);
  });
});

test.each([
  [0, "1970-01-01T00:00:00Z"],
  [1_795_000_000_500, "2026-11-18T11:06:40.500Z"],
  [2 ** 53, undefined],
  [-(2 ** 53), undefined],
  [8.64e15 + 1, undefined],
  [Number.NaN, undefined],
  [Number.POSITIVE_INFINITY, undefined],
  [Date.UTC(10_000, 0), undefined],
])("the date of %d ms is %s", (unix, text) => {
  expect(dateText(unix)).toBe(text);
});

/** Files that may write to a terminal or take a date apart themselves. */
const ROOT = join(__dirname, "../..");
const sources = (folder: string) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => join(folder, name));
const withMatch = (folders: readonly string[], pattern: RegExp) =>
  folders.flatMap(sources).filter((name) => pattern.test(readFileSync(join(ROOT, name), "utf8")));

test("one file writes to standard output and standard error", () => {
  const writes = /std(out|err)\.write|console\.\w+\(|writeSync\([12],|createLogUpdate|output\.write\(/;
  expect(withMatch(["cli", "provision", "network", "tools", "inspect", "node", "text"], writes)).toEqual([
    "cli/output.ts",
  ]);
});

test("the page shows text in these files, which make it fit", () => {
  expect(
    withMatch(["provision/page"], /textContent = (?!""|part\(|state\.)|innerText|innerHTML|\.alt = (?!this)/),
  ).toEqual([
    "provision/page/dom.ts", // `tell`; `create`, of fit text
    "provision/page/language.ts", // its own words, with values that are made fit
    "provision/page/work.ts", // per cent
  ]);
});

test("one file makes a text of a date that came from outside; others have this machine's clock", () => {
  const ofAnything = /new Date\((?!\)|now\b|options\.now\(\)).*\)\.to(ISO|JSON|UTC)/;
  expect(
    withMatch(["cli", "provision", "network", "tools", "inspect", "node", "text"], ofAnything).sort(),
  ).toEqual(["node/network/segments.ts", "provision/operations/receipt.ts", "text/date-text.ts"]);
});
