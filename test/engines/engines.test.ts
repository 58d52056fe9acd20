import { readdirSync } from "node:fs";
import { beforeAll, describe, expect, test } from "@jest/globals";
import { SIGNER_KEYS } from "../conformance/signer.js";
import { COMPILE_TIMEOUT, KEY, ROOT, xsHost } from "../host-sim/engines/xs/xs-host.js";
import { bundleTest } from "./bundle.js";
import { ON_BOTH, V8_ONLY } from "./lists.js";
import { runOnV8 } from "./on-v8.js";
import { runOnXs } from "./on-xs.js";
import { differences } from "./outcome.js";

let program: string;

beforeAll(async () => {
  program = await xsHost();
}, COMPILE_TIMEOUT);

/** What both engines make of a test file. */
async function runOnBoth(file: string, key: Uint8Array = KEY) {
  const bundle = await bundleTest(file);
  const [v8, xs] = await Promise.all([runOnV8(bundle, key), runOnXs(program, bundle, key)]);
  return { v8, xs, flaws: differences(v8, xs) };
}

describe("every case passes on V8 and on XS", () => {
  test.each(ON_BOTH)("%s", async (file) => {
    const { v8, flaws } = await runOnBoth(file);
    expect(flaws).toEqual([]);
    expect(v8.length).toBeGreaterThan(0);
  });

  test("in all of the agent's test files but those that are said to run on V8 only", () => {
    const files = ["agent", "agent/cbor", "agent/frame"].flatMap((folder) =>
      readdirSync(`${ROOT}/test/${folder}`)
        .filter((name) => name.endsWith(".test.ts"))
        .map((name) => `test/${folder}/${name}`),
    );
    expect([...ON_BOTH, ...Object.keys(V8_ONLY)].sort()).toEqual(files.sort());
  });

  test.each(Object.entries(V8_ONLY))("but %s: %s", async (file) => {
    const { xs } = await runOnBoth(file);
    expect(xs).toEqual([["(the file itself)", expect.stringContaining("ended: exception: ")]]);
  });
});

test.each(SIGNER_KEYS)("the signer's suite passes on both, private key %s", async (_name, key) => {
  const { v8, flaws } = await runOnBoth("test/engines/signer-on-board.ts", key);
  expect(flaws).toEqual([]);
  expect(v8.length).toBeGreaterThan(30);
});

describe("the harness tells of", () => {
  const sabotage = (name: string) => runOnBoth(`test/engines/sabotage/${name}.ts`);

  test("a case that comes out otherwise on the other engine", async () => {
    const { flaws } = await sabotage("differs");
    expect(flaws).toEqual([
      expect.stringMatching(/^what V8 has and XS has not\n {2}V8: passed\n {2}XS: failed: AssertionError: /),
    ]);
  });

  test("cases that fail on both, each in its way", async () => {
    const { v8, xs, flaws } = await sabotage("fails");
    const unsettled = "did not end by the end of its turn";
    const expected = [
      ["passes", /^passed$/],
      ["a matcher that does not match", /^failed: AssertionError: expected .* to deeply equal /],
      ["a matcher that there is not", /^failed: /],
      ["a rejection", /^failed: RangeError: later$/],
      ["a promise that nobody settles", new RegExp(`^${unsettled}$`)],
      ["a hook > before the first", /^passed$/],
      ["a hook > before the second", /^failed: Error: second time$/],
      ["a hook at the end > with a test before it", /^passed$/],
      ["a hook at the end > row 1, one: the last", /^failed: Error: at the end$/],
    ].map(([name, outcome]) => [name, expect.stringMatching(outcome as RegExp)]);
    expect(v8).toEqual(expected);
    expect(xs).toEqual(expected);
    expect(flaws).toHaveLength(6);
  });

  test("a board that ends in the middle", async () => {
    const { v8, xs } = await sabotage("ends");
    expect(v8.map(([, outcome]) => outcome)).toEqual(["passed", "passed", "passed"]);
    const ended = expect.stringMatching(/^ended: chunks: /);
    expect(xs.map(([, outcome]) => outcome)).toEqual(["passed", ended, ended]);
  });

  test("a file that throws at its top", async () => {
    const expected = [["(the file itself)", expect.stringMatching(/^ended: exception: Error: at the top/)]];
    const { v8, xs, flaws } = await sabotage("breaks");
    expect([v8, xs]).toEqual([expected, expected]);
    expect(flaws).toHaveLength(1);
  });
});
