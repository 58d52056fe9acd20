import { describe, expect, test } from "@jest/globals";
import { labelSvg } from "../../../provision/operations/label.js";
import type { Receipt } from "../../../provision/operations/receipt.js";

/** Millimetres. */
const [WIDTH, HEIGHT, MARGIN] = [62, 29, 2];
/** Of a monospaced font's size: width of a letter, height of a capital, depth of a tail. As DejaVu Sans Mono has them, the widest of the usual. */
const [LETTER, CAPITAL, TAIL] = [0.61, 0.73, 0.24];

const receipt = (site: string, network: string, model: string) =>
  ({
    did: "did:key:zQ3shYU55daSpmiQvCEyEezJPogSDrRUYhox3o2oRFq1Pv5tk",
    kid: "d2b1da63c83b7ed3",
    site,
    network,
    model,
    at: "2026-11-22T20:00:00.000Z",
  }) as Receipt;

const TEXT = /<text x="(\S+)" y="(\S+)" font-size="(\S+)"[^>]*>(.*)<\/text>/g;

/** The box of each line, and what it says. Letters of East Asia count as two. */
function linesOf(svg: string) {
  return [...svg.matchAll(TEXT)].map(([, x, y, size, said = ""]) => {
    const [left, baseline, high] = [Number(x), Number(y), Number(size)];
    const letters = Array.from(said.replace(/&\w+;/g, "&"));
    const cells = letters.reduce((sum, letter) => sum + (/[\u3000-\u9fff]/.test(letter) ? 2 : 1), 0);
    return {
      said,
      right: left + cells * LETTER * high,
      top: baseline - CAPITAL * high,
      bottom: baseline + TAIL * high,
    };
  });
}

describe("a label's lines keep away from its edges and from each other, and are cut where they do not fit", () => {
  test.each([
    ["short", "roof", "demo", ["roof", "demo"]],
    ["long", "a roof with a very long name", "n".repeat(64), ["a roof with a ver…", `${"n".repeat(17)}…`]],
    ["just fitting", "r".repeat(18), "demo", ["r".repeat(18), "demo"]],
    ["wide letters", "屋上北側観測所一号機と二号機", "demo", ["屋上北側観測所一…", "demo"]],
    ["signs of SVG", "<&>".repeat(6), "demo", ["&lt;&amp;&gt;".repeat(6), "demo"]],
  ])("%s", async (_name, site, network, said) => {
    const lines = linesOf(await labelSvg(receipt(site, network, "esp32c3")));
    expect(lines.map((line) => line.said)).toEqual([
      "d2b1da63",
      "c83b7ed3",
      ...said,
      "esp32c3",
      "2026-11-22",
    ]);
    let above = MARGIN;
    for (const { top, right, bottom } of lines) {
      expect(top).toBeGreaterThanOrEqual(above);
      expect(right).toBeLessThanOrEqual(WIDTH - MARGIN);
      above = bottom;
    }
    expect(above).toBeLessThanOrEqual(HEIGHT - MARGIN);
  });
});
