import { describe, expect, test } from "@jest/globals";
import { isNetworkName, isSenmlName } from "../../../agent/frame/name.js";

/** RFC 8428 §4.5.1, as a pattern; at most 64 characters here. */
const SENML_NAME = /^[A-Za-z0-9][-A-Za-z0-9:./_]{0,63}$/;

describe("a SenML name", () => {
  test("may hold what RFC 8428 has, first and further on: each character of 16 bits", () => {
    const wrong: number[] = [];
    for (let code = 0; code <= 0xffff; code++) {
      const character = String.fromCharCode(code);
      for (const name of [character, `a${character}`, `a${character}a`])
        if (isSenmlName(name) !== SENML_NAME.test(name)) wrong.push(code);
    }
    expect(wrong).toEqual([]);
  });

  test.each([
    [0, false],
    [1, true],
    [64, true],
    [65, false],
  ])("of %d letters: %p", (length, good) => expect(isSenmlName("a".repeat(length))).toBe(good));
});

test("a network's name is a SenML name without a slash", () => {
  expect(["demo", "a:b.c_d-e", "a/b", "/", ""].map(isNetworkName)).toEqual([true, true, false, false, false]);
});
