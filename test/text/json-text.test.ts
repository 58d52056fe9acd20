import { describe, expect, test } from "@jest/globals";
import { InputError } from "../../agent/input-error.js";
import { parseJson } from "../../text/json-text.js";

describe("JSON", () => {
  test.each([
    ["secret"],
    [""],
    ["{"],
    ["[1,]"],
    ['{"d":"secret"}}'],
    ['{"d" "secret"}'],
    ["{'d':'secret'}"],
    ['["sec\nret"]'],
  ])("%j is refused, and nothing of it is shown", (text) => {
    expect(() => parseJson(text)).toThrow(InputError);
    expect(() => parseJson(text)).toThrow(/^not JSON(: see character \d+)?$/);
  });

  test("the flaw's place is told where V8 tells it", () => {
    expect(() => parseJson('{"d" "secret"}')).toThrow("see character 6");
  });

  test.each([
    ['{"d":"secret","d":"other"}', 15],
    ['[{"a":{"d":1},"d":2},{"d":[],"\\u0064":"secret"}]', 30],
    ['{"a\\"b":1 , "a\\u0022b"\n:2}', 13],
    ['{"__proto__":1,"__proto__":2}', 16],
    ['{"":1,"":2}', 7],
  ])("%j has a member twice: refused, and nothing of it is shown", (text, character) => {
    expect(() => parseJson(text)).toThrow(InputError);
    expect(() => parseJson(text)).toThrow(
      new RegExp(`^the same member twice in one object: see character ${character}; keep one of them$`),
    );
  });

  test("a name in two objects, or as a value, is no member twice", () => {
    const text = '[{"a":"a","b":{"a":"{\\"a\\":1}"}},{"a":["a","a"]},"a","a"]';
    expect(parseJson(text)).toEqual([{ a: "a", b: { a: '{"a":1}' } }, { a: ["a", "a"] }, "a", "a"]);
  });

  test("what is JSON is parsed", () => {
    expect(parseJson('{"a":[1,"b"]}')).toEqual({ a: [1, "b"] });
  });
});
