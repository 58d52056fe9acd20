import { describe, expect, test } from "@jest/globals";
import * as rules from "../../../network/epoch/slot-rules.js";
import { explore, type Rules } from "./slot-model.js";

describe("two slots, four witnesses and one liar, in every order of events", () => {
  test("the rules keep one voted record a slot, and what is settled", () => {
    const { states, violation } = explore(rules);
    expect(violation).toBeUndefined();
    expect(states).toBeGreaterThan(10_000);
  });

  test.each<[string, Partial<Rules>, string]>([
    [
      "a final after a void",
      { mayFinal: ({ final }) => final === undefined },
      "settled and void|does not follow|contradicts itself",
    ],
    ["a void after a final", { mayVoid: ({ isVoid }) => !isVoid }, "settled and void|contradicts itself"],
    [
      "certificates of voids that nobody checks",
      {
        mayFollow: ({ slot, record }, of, known) =>
          slot < of && (record === undefined || known.hasVotes(slot, record)),
      },
      "does not follow",
    ],
    [
      "a second vote",
      { mayVote: ({ isVoid, final }) => !isVoid && final === undefined },
      "two voted records|does not follow",
    ],
  ])("%s is found out", (_name, broken, words) => {
    expect(explore({ ...rules, ...broken }).violation).toMatch(new RegExp(words));
  });
});

test.each([
  [1, 1],
  [2, 2],
  [3, 2],
  [4, 3],
  [7, 5],
  [10, 7],
])("of %i witnesses a quorum has %i", (witnesses, quorum) => {
  expect(rules.leastQuorum(witnesses)).toBe(quorum);
});
