import { describe, expect, test } from "@jest/globals";
import { decodeJson, parseJson } from "../../network/json-text.js";

const utf8 = (text: string) => new TextEncoder().encode(text);
const BOM = "\uFEFF";

describe("the text of a JSON file", () => {
  test.each<{ name: string; bytes: Uint8Array; text: string }>([
    { name: "UTF-8", bytes: utf8('["ä€"]'), text: '["ä€"]' },
    { name: "UTF-8 with a byte order mark", bytes: utf8(`${BOM}[1]`), text: "[1]" },
    { name: "empty", bytes: utf8(""), text: "" },
    { name: "one byte", bytes: utf8("1"), text: "1" },
  ])("$name", ({ bytes, text }) => {
    expect(decodeJson(bytes)).toBe(text);
  });

  const bigEndian = (text: string) => Buffer.from(text, "utf16le").swap16();
  test.each<{ name: string; bytes: Uint8Array; says: string }>([
    { name: "UTF-16, little end first", bytes: Buffer.from(`${BOM}[1]`, "utf16le"), says: "UTF-16" },
    { name: "UTF-16, big end first", bytes: bigEndian(`${BOM}[1]`), says: "UTF-16" },
    { name: "UTF-16 without a mark", bytes: Buffer.from("[1]", "utf16le"), says: "UTF-16" },
    { name: "UTF-16 without a mark, big end first", bytes: bigEndian("[1]"), says: "UTF-16" },
    { name: "bytes that are no text", bytes: Uint8Array.of(0x5b, 0xff, 0x5d), says: "not text in UTF-8" },
  ])("$name is refused", ({ bytes, says }) => {
    expect(() => decodeJson(bytes)).toThrow(RangeError);
    expect(() => decodeJson(bytes)).toThrow(says);
  });
});

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
    expect(() => parseJson(text)).toThrow(RangeError);
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
    expect(() => parseJson(text)).toThrow(RangeError);
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
