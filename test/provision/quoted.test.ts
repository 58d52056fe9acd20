import { expect, test } from "@jest/globals";
import { isAlike, quoted, shown } from "../../provision/quoted.js";

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
  ["\u001b[2J", '"\\u001b[2J"', '"\\u001b[2J"'],
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
])("%j and %j", (one, other, alike) => {
  expect(isAlike(one, other)).toBe(alike);
});
