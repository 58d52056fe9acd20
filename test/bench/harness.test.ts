import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, test } from "@jest/globals";
import { frameSizes } from "../../bench/frame-sizes.js";
import { against, compare, median, rateOf, type Section } from "../../bench/harness.js";
import { buildNative } from "../../bench/native.js";
import { renderFigures } from "../../bench/render.js";
import { runBench } from "../../bench/run.js";

describe("the harness", () => {
  test.each([
    [[5], 5],
    [[3, 1, 2], 2],
    [[10, 1, 2, 9], 5.5],
    [[100, 1, 1, 1, 100], 1],
  ])("median of %j is %d", (values, expected) => expect(median(values)).toBe(expected));

  test("there is no median of nothing", () => expect(() => median([])).toThrow("no values"));

  test("contenders take turns, forwards and backwards, and the first round is not counted", async () => {
    const calls: string[] = [];
    const rates = { a: [1000, 1, 2, 9], b: [1000, 10, 40, 20] };
    const contender = (name: "a" | "b") => () => {
      calls.push(name);
      return rates[name].shift() as number;
    };
    const medians = await compare({ a: contender("a"), b: contender("b") }, { rounds: 3 });
    expect(calls.join("")).toBe("abbaabba");
    expect(medians).toEqual({ a: 2, b: 20 });
  });

  test("a rate is calls over time, with every call counted", () => {
    let clock = 0;
    const seen: number[] = [];
    const operation = (index: number) => {
      seen.push(index);
      clock += 0.5;
    };
    expect(rateOf(operation, 20, () => clock)).toBe(2000);
    expect(seen).toEqual(seen.map((_, index) => index));
    expect(seen.length).toBe(clock * 2);
  });

  const reference = { name: "bare", value: 200, unit: "/s" };
  test.each([
    [190, 0.95, true],
    [170, 0.85, true],
    [169, 0.845, false],
  ])("%d beside 200 with a goal of 0.85", (value, ratio, met) => {
    const figure = against({ name: "whole", value, unit: "/s" }, reference, 0.85);
    expect(figure).toMatchObject({ value, reference, ratio, goal: { text: "at least 0.85", met } });
  });

  test("without a goal there is a ratio only", () => {
    const figure = against({ name: "whole", value: 50, unit: "/s" }, reference);
    expect(figure).toEqual({ name: "whole", value: 50, unit: "/s", reference, ratio: 0.25 });
  });
});

describe("the table", () => {
  test("is aligned, and has words where there is no figure", () => {
    const reference = { name: "bare", value: 17_000.4, unit: "/s" };
    const text = renderFigures([
      against({ name: "short", value: 15_000, unit: "frames/s" }, reference, 0.9),
      { name: "a longer name", value: 15.25, unit: "B" },
      { name: "missing", unit: "/s", note: "needs a thing that this machine has not" },
    ]);
    expect(text).toBe(
      [
        "  short          15,000 frames/s  bare: 17,000 /s  × 0.88  at least 0.9: MISSED",
        "  a longer name  15.25 B",
        "  missing        needs a thing that this machine has not",
        "",
      ].join("\n"),
    );
  });
});

describe("frame sizes", () => {
  test.each(frameSizes())("$name keeps to $goal.text", ({ goal }) => expect(goal?.met).toBe(true));
});

describe("the C reference", () => {
  test("says what to install where it cannot be compiled", () => {
    const folder = mkdtempSync(join(tmpdir(), "bench-"));
    const root = pathToFileURL(`${folder}/`); // with no source in it
    expect(buildNative(root)).toEqual({ missing: expect.stringContaining("libsecp256k1-dev") });
    rmSync(folder, { recursive: true });
  });
});

describe("npm run bench", () => {
  const figure = { name: "made up", value: 7, unit: "/s" };
  const ran: string[] = [];
  const section = (name: string): Section => ({
    name,
    run: async () => {
      ran.push(name);
      return [figure];
    },
  });

  async function bench(...argv: string[]) {
    ran.length = 0;
    let out = "";
    let error = "";
    const code = await runBench(argv, [section("one"), section("two")], {
      out: (text) => (out += text),
      error: (text) => (error += text),
    });
    return { code, out, error, ran: [...ran] };
  }

  test("runs every section", async () => {
    const { code, out, ran } = await bench();
    expect({ code, ran }).toEqual({ code: 0, ran: ["one", "two"] });
    expect(out).toMatch(/\none\n {2}made up {2}7 \/s\n\ntwo\n/);
  });

  test("runs the section that is named", async () => {
    expect(await bench("two")).toMatchObject({ code: 0, ran: ["two"] });
  });

  test("prints one object with --json", async () => {
    const { out, code } = await bench("--json", "one");
    expect(code).toBe(0);
    expect(JSON.parse(out)).toEqual({
      machine: {
        cpu: expect.any(String),
        cores: expect.any(Number),
        node: process.version,
        os: expect.any(String),
      },
      figures: [{ section: "one", ...figure }],
    });
  });

  test.each([
    ["an unknown section", ["three"], 'unknown section "three": there is one, two\n'],
    ["an unknown section among others", ["one", "tow"], 'unknown section "tow": there is one, two\n'],
    ["an unknown option", ["--jsno"], "unknown option --jsno: there is --json\n"],
  ])("refuses %s and measures nothing", async (_, argv, message) => {
    expect(await bench(...argv)).toEqual({ code: 2, out: "", error: message, ran: [] });
  });
});
