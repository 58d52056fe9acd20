import { describe, expect, test } from "@jest/globals";
import { OperationError } from "../../../provision/events.js";
import { checkReceipt } from "../../../provision/operations/check-receipt.js";
import { labelSvg, labelText } from "../../../provision/operations/label.js";
import { textOf } from "../../../provision/page/texts/texts.js";
import { valueText } from "../../../provision/page/words.js";
import { enrolledSensors } from "../../../provision/site/ranges.js";
import { HOSTILE_TEXTS } from "../../support/hostile-text.js";
import { RECEIPT_CHECK, receiptOwner, wholeReceipt } from "../support/receipt.js";

const check = (given: unknown) => checkReceipt(given, { ...RECEIPT_CHECK, owner: receiptOwner });
const whole = wholeReceipt();

test("the receipt that the attacks are made of is good", () => {
  expect(check(whole).receipt.device).toBe(whole.device);
});

describe("what is refused as any other receipt, so that it holds up no other", () => {
  // The last digit before the padding holds bits that belong to no byte.
  test.each([
    ["base64 that no encoder writes", { ...whole, frame: "AAB=" }],
    ["the same in a statement", { ...whole, statement: "AB==" }],
    ["the same in a countersignature", { ...whole, countersigned: "AB==" }],
    ["half a surrogate pair in a site", { ...whole, site: "roof\ud800" }],
    ["half a surrogate pair in a name", { ...whole, name: "\udc00" }],
    ...HOSTILE_TEXTS.map((text, i): [string, unknown] => [
      `hostile text ${i} as a member`,
      { ...whole, [text]: 1 },
    ]),
  ])("%s", (_name, given) => {
    expect(() => check(given)).toThrow(OperationError);
    expect(() => check(given)).toThrow(expect.objectContaining({ code: "receipt-bad" }));
  });
});

test.each(["constructor", "__proto__", "toString", "valueOf"])(
  "a unit %s is none that has a meaning",
  (unit) => {
    const [sensor] = enrolledSensors([{ name: "t", unit, interval: 1000 }], {});
    expect(sensor).toMatchObject({ unit, min: -1e9, max: 1e9 });
    expect(valueText(1.5, unit, "en-GB")).toBe(`1.5\u00a0${unit}`);
    expect(textOf(unit, "begin")).toBe("Begin");
  },
);

test.each(HOSTILE_TEXTS.map((text, i): [number, string] => [i, text]))(
  "a label can be made of hostile text %d",
  async (_, text) => {
    const receipt = { ...whole, site: text.slice(0, 200), name: text.slice(0, 200) };
    const svg = await labelSvg(receipt);
    expect(() => encodeURIComponent(svg)).not.toThrow();
    expect(svg).not.toMatch(/(?!\n)\p{Cc}/u);
    expect(labelText(receipt).length).toBeLessThan(1100);
  },
);
