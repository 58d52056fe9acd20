import { expect, test } from "@jest/globals";
import { alikeAmong, isAlike, shown } from "../../text/quoted.js";
import { quoted } from "../../text/visible.js";

test.each([
  ["field", '"field"', "field"],
  ["two words", '"two words"', "two words"],
  ["Gäste 😀", '"Gäste 😀"', "Gäste 😀"],
  ["field ", '"field "', '"field "'],
  [" field", '" field"', '" field"'],
  ["two  words", '"two  words"', '"two  words"'],
  ['a"b', '"a\\"b"', 'a"b'],
  ["field\u00a0", '"field\\u{a0}"', '"field\\u{a0}"'],
  ["fi\u200beld", '"fi\\u{200b}eld"', '"fi\\u{200b}eld"'],
  ["a\tb", '"a\\tb"', '"a\\tb"'],
  ["\u001b[2J", '"\\u{1b}[2J"', '"\\u{1b}[2J"'],
  ["", '""', '""'],
])("%j", (name, always, whereItCounts) => {
  expect(quoted(name)).toBe(always);
  expect(shown(name)).toBe(whereItCounts);
});

test.each([
  ["field", "field ", true],
  ["field", "Field", true],
  ["two words", "twowords", true],
  ["two words", "two\u00a0words", true],
  ["Gäste", "Ga\u0308ste", true],
  ["field", "\ufefffield", true],
  ["field", "field2", false],
  ["Gäste", "Gaste", false],
  ["field-1", "field\u2013l", true],
  ["Hof 0", "Hof O", true],
  ["Ann's", "Ann\u2019s", true],
  ["cafe", "\u0441\u0430f\u0435", true],
  ["field-1", "field-2", false],
])("%j and %j", (one, other, alike) => {
  expect(isAlike(one, other)).toBe(alike);
});

test("those that only nearly are a name, and none where it is there itself", () => {
  expect(alikeAmong("field ", ["Field", "field", "other"])).toEqual(["Field", "field"]);
  expect(alikeAmong("field", ["Field", "field"])).toEqual([]);
});
