import { describe, expect, test } from "@jest/globals";
import {
  type Description,
  descriptionHash,
  liarsOf,
  readDescription,
  writeDescription,
} from "../../../network/epoch/description.js";
import { hasher } from "../../../node/ports/signer.js";
import { hexOf } from "../../support/frames.js";
import { DESCRIPTION } from "./network.js";

const [FIRST, SECOND] = DESCRIPTION.witnesses as [Description["witnesses"][0], Description["witnesses"][0]];
const CHAIN = { id: 31337, contract: new Uint8Array(20).fill(9) };

test.each<[string, Description]>([
  ["without a chain", DESCRIPTION],
  ["with a chain", { ...DESCRIPTION, chain: CHAIN }],
  ["with owners", { ...DESCRIPTION, owners: ["did:key:a", "did:key:b"] }],
  ["of one", { ...DESCRIPTION, witnesses: [FIRST], quorum: 1 }],
])("a description %s is read as it was written", (_, description) => {
  expect(readDescription(writeDescription(description))).toEqual(description);
});

test("its hash", () => {
  const hash = hexOf(descriptionHash(DESCRIPTION, hasher));
  expect(hash).not.toBe(hexOf(descriptionHash({ ...DESCRIPTION, delay: 501 }, hasher)));
  expect(liarsOf(DESCRIPTION)).toBe(1);
});

describe("refused", () => {
  test.each<[string, RegExp, Partial<Description>]>([
    ["a quorum of half", /quorum/, { quorum: 2 }],
    ["a quorum of all", /quorum/, { quorum: 4 }],
    ["no witness", /witnesses/, { witnesses: [], quorum: 1 }],
    ["one name twice", /name/, { witnesses: [FIRST, { ...SECOND, name: FIRST.name }], quorum: 2 }],
    ["one key twice", /key/, { witnesses: [FIRST, { ...SECOND, key: FIRST.key }], quorum: 2 }],
    ["half a second", /seconds/, { seconds: 0.5 }],
    ["no window", /window/, { window: 0 }],
    ["owners in another order", /owners/, { owners: ["b", "a"] }],
    ["a short address", /chain/, { chain: { ...CHAIN, contract: new Uint8Array(19) } }],
  ])("%s", (_, reason, change) => {
    expect(() => writeDescription({ ...DESCRIPTION, ...change })).toThrow(reason);
  });

  test("any byte more or less, or an empty list", () => {
    const bytes = writeDescription(DESCRIPTION);
    expect(() => readDescription(Uint8Array.of(...bytes, 0))).toThrow(/description/);
    for (let end = 0; end < bytes.length; end++)
      expect(() => readDescription(bytes.subarray(0, end))).toThrow(/description/);
    expect(() => readDescription(Uint8Array.of(0x80))).toThrow(/description/);
  });
});
