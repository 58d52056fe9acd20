import { beforeAll, describe, expect, test } from "@jest/globals";
import { hexOf } from "../../support/frames.js";
import { ask, buildDriver, COMPILE_TIMEOUT } from "./driver.js";
import { sha256 } from "./hash.js";

/** SP 800-90B section 4.4, for 4 bits a byte and one false alarm in 2^30. */
const REPETITION = 9;
const PROPORTION = 71;
const WINDOW = 512;

let program: string;
beforeAll(() => {
  program = buildDriver("sanitize");
}, COMPILE_TIMEOUT);

/** Bytes that no two neighbours share and of which none is frequent. */
const ramp = (length: number) => Uint8Array.from({ length }, (_, i) => i & 255);
const noise = (length: number) => {
  const blocks = Array.from({ length: Math.ceil(length / 32) }, (_, i) => Buffer.from(sha256(`block ${i}`)));
  return new Uint8Array(Buffer.concat(blocks)).subarray(0, length);
};
/** A ramp without the byte 0xaa, but at every `every`th place from the first on, `times` times. */
function frequent(times: number, every: number, length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i % every === 0 && i / every < times ? 0xaa : i % 150));
}
const chain = (before: Uint8Array, then: Uint8Array) => Uint8Array.of(...before, ...then);
const failsAt = async (samples: Uint8Array) => Number((await ask(program, [`health ${hexOf(samples)}`]))[0]);

test("the cutoffs are what the standard's formulas give for H = 4 and alpha = 2^-30", () => {
  expect(1 + Math.ceil(30 / 4)).toBe(REPETITION);
  // The first count that at most one window in 2^30 goes above: B(512, 1/16), whose terms start at (15/16)^512.
  let term = (15 / 16) ** WINDOW;
  let above = 1 - term;
  let critical = 0;
  while (above > 2 ** -30) {
    critical++;
    term *= (WINDOW - critical + 1) / critical / 15;
    above -= term;
  }
  expect(critical + 1).toBe(PROPORTION);
});

describe("the health tests", () => {
  test.each<[string, Uint8Array, number]>([
    ["noise passes", noise(20_000), 0],
    ["a ramp passes: it has no statistics of this kind", ramp(20_000), 0],
    ["a stuck source fails at the 9th sample", new Uint8Array(100), REPETITION],
    ["8 equal samples in a row pass", chain(new Uint8Array(8).fill(7), ramp(50)), 0],
    ["9 at the end of others fail", chain(ramp(50), new Uint8Array(9).fill(7)), 50 + REPETITION],
    ["a window's first sample 70 times in it passes", frequent(PROPORTION - 1, 7, 600), 0],
    ["71 times fails", frequent(PROPORTION, 7, 600), (PROPORTION - 1) * 7 + 1],
    ["71 times over two windows passes", frequent(PROPORTION, 14, 1500), 0],
    [
      "in the second window too",
      chain(noise(WINDOW), frequent(PROPORTION, 7, 600)),
      WINDOW + (PROPORTION - 1) * 7 + 1,
    ],
    [
      "two values that take turns fail",
      Uint8Array.from({ length: 600 }, (_, i) => i & 1),
      2 * PROPORTION - 1,
    ],
  ])("%s", async (_name, samples, expected) => expect(await failsAt(samples)).toBe(expected));
});

describe("randomness behind the tests", () => {
  const GOOD = hexOf(noise(4096));

  test("1,024 samples must pass before the first is used", async () => {
    expect(await ask(program, ["open", "taken"])).toEqual(["ok", "1024"]);
  });

  test.each([
    ["that does not answer", "-"],
    ["that is stuck", "00"],
    ["that takes turns", "0102"],
    ["that fails late in the start-up test", hexOf(chain(noise(1000), new Uint8Array(9)))],
  ])("a source %s gives no key, no context and no bytes", async (_name, source) => {
    const [, ...rest] = await ask(program, [`source ${source}`, "open", "boot", "make", "random 20"]);
    expect(rest).toEqual(["no-entropy", "no-entropy", "not-booted", "no-entropy"]);
  });

  test("a source that fails later is refused at once, and stays so", async () => {
    const commands = ["open", "boot", "source 00", "random 20", "make", "kernel", "random 01", "make"];
    expect(await ask(program, commands)).toEqual([
      ...["ok", "ok", "ok", "no-entropy", "no-entropy", "ok", "no-entropy", "no-entropy"],
    ]);
  });

  test("the same noise gives the same bytes, other noise others: nothing else goes in", async () => {
    const run = (source: string) => ask(program, [`source ${source}`, "open", "random ff", "random 01"]);
    const first = await run(GOOD);
    expect(await run(GOOD)).toEqual(first);
    expect(await run(`${GOOD.slice(2)}00`)).not.toEqual(first);
  });

  test("what was gathered stays: equal noise after other noise gives other bytes", async () => {
    const run = async (first: string) => {
      const answers = await ask(program, [`source ${first}`, "open", `source ${GOOD}`, "random 20"]);
      return answers.at(-1);
    };
    expect(await run(GOOD)).not.toBe(await run(`${GOOD.slice(2)}00`));
  });

  test("keys and bytes from the kernel's noise do not repeat", async () => {
    const answers = await ask(program, [
      "open",
      "boot",
      ...Array(100).fill("make"),
      ...Array(100).fill("random 20"),
    ]);
    expect(new Set(answers.slice(2)).size).toBe(200);
  });

  test("128 samples stand behind each 32 bytes", async () => {
    expect((await ask(program, ["open", "random 21", "taken"])).at(-1)).toBe(String(1024 + 2 * 128));
  });
});
