import { expect, test } from "@jest/globals";
import fc from "fast-check";
import {
  checkInventories,
  type Inputs,
  inputsHash,
  readInputs,
  writeInputs,
} from "../../../network/epoch/inputs.js";
import { hasher } from "../../../node/ports/signer.js";
import { statementChecker } from "../../../node/ports/statement-keys.js";
import { hexOf } from "../../support/frames.js";
import { DESCRIPTION, DOMAIN, EPOCH, inventory } from "./network.js";

const INPUTS: Inputs = {
  inventories: [inventory(0), inventory(2), inventory(3)],
  statements: [Uint8Array.of(1), Uint8Array.of(1, 2), Uint8Array.of(3)],
  evidence: [[Uint8Array.of(4), Uint8Array.of(5)]],
  block: { number: 7, hash: new Uint8Array(32).fill(8) },
};
const given = {
  description: DESCRIPTION,
  epoch: EPOCH,
  domain: DOMAIN,
  statements: statementChecker,
  hasher,
};

test("inputs are read as they were written", () => {
  expect(readInputs(writeInputs(INPUTS))).toEqual(INPUTS);
  const none = { inventories: [], statements: [], evidence: [], block: undefined };
  expect(readInputs(writeInputs(none))).toEqual(none);
});

test("their order changes no byte", () => {
  const order = <T>(items: readonly T[]) =>
    fc.shuffledSubarray([...items], { minLength: items.length, maxLength: items.length });
  const hash = hexOf(inputsHash(INPUTS, hasher));
  fc.assert(
    fc.property(order(INPUTS.inventories), order(INPUTS.statements), (inventories, statements) => {
      const [[one, other]] = INPUTS.evidence as [[Uint8Array, Uint8Array]];
      const inputs = { ...INPUTS, inventories, statements, evidence: [[other, one]] as const };
      expect(hexOf(inputsHash(inputs, hasher))).toBe(hash);
    }),
  );
});

test("another order on the wire, a double, and what is cut are refused", () => {
  const bytes = writeInputs({ ...INPUTS, statements: [Uint8Array.of(1), Uint8Array.of(3)] });
  const swapped = Uint8Array.from(bytes);
  const at = hexOf(bytes).indexOf("8241014103") / 2;
  expect(at).toBeGreaterThan(0);
  swapped.set([3, 0x41, 1], at + 2);
  expect(() => readInputs(swapped)).toThrow(/one encoding/);
  const twice = { ...INPUTS, statements: [Uint8Array.of(1), Uint8Array.of(1)] };
  expect(() => writeInputs(twice)).toThrow(/twice/);
  for (let end = 0; end < bytes.length; end++)
    expect(() => readInputs(bytes.subarray(0, end))).toThrow(/inputs/);
});

test("a quorum of this epoch's inventories is enough, and more of them may be named", () => {
  expect(() => checkInventories(INPUTS.inventories, given)).not.toThrow();
  expect(() => checkInventories([...INPUTS.inventories, inventory(1)], given)).not.toThrow();
});

test.each([
  ["too few", [inventory(0), inventory(1)], /takes 3/],
  ["one witness twice", [inventory(0), inventory(1), inventory(1)], /twice/],
  ["another epoch's", [inventory(0), inventory(1), inventory(2, EPOCH - 1)], /of epoch/],
  ["another window's", [inventory(0), inventory(1), inventory(2, EPOCH, { window: 2 })], /window/],
  ["another's signature", [inventory(0), inventory(1), { ...inventory(2), witness: 3 }], /did not sign/],
  ["a stranger's", [inventory(0), inventory(1), { ...inventory(2), witness: 4 }], /no description/],
])("%s is refused", (_, inventories, reason) => {
  expect(() => checkInventories(inventories, given)).toThrow(reason);
});
