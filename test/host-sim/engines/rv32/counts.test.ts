import { join } from "node:path";
import { beforeAll, describe, expect, test } from "@jest/globals";
import { grownParts, readBaseline } from "../../../../bench/rv32-baseline.js";
import { measureRv32, type Rv32Counts } from "../../../../bench/rv32-measure.js";
import { COMPILE_TIMEOUT, ROOT } from "../xs/xs-host.js";

let counts: Rv32Counts;

beforeAll(async () => {
  counts = await measureRv32(ROOT, () => {});
}, COMPILE_TIMEOUT);

test("no count is more than 3 % above the baseline; where it is to be so: FIELDMARK_RV32_BASELINE=write npm run bench -- rv32", () => {
  expect(grownParts(readBaseline(join(ROOT, "bench/rv32-baseline.json")), counts)).toEqual([]);
});

describe("the goals", () => {
  test.each([
    ["boot to first signed frame", 20e6],
    ["sample to frame", 3e6],
    ["sample to frame: sign", 1.5e6],
  ])("%s: at most %d instructions", (name, most) => {
    expect(counts.instructions[name]).toBeLessThanOrEqual(most);
  });

  test("all RAM, all stacks and the signer's included: at most 64 KB", () => {
    const sum = Object.values(counts.ram).reduce((a, b) => a + b, 0);
    expect(sum).toBeLessThanOrEqual(64 * 1024);
  });
});

describe("what grew is named", () => {
  const one = (value: number, compiler = "gcc 1") => ({
    compiler,
    instructions: { sign: value },
    ram: {},
    flash: {},
  });
  test.each<[string, Rv32Counts, string[]]>([
    ["less", one(90), []],
    ["3 %", one(103), []],
    ["4 %", one(104), ["instructions, sign: 100 before, 104 now, 4.0 % more"]],
    ["another compiler that does as well", one(100, "gcc 2"), []],
    [
      "another compiler",
      one(104, "gcc 2"),
      [
        "the baseline is of another compiler: gcc 1; this is gcc 2",
        "instructions, sign: 100 before, 104 now, 4.0 % more",
      ],
    ],
    ["another name", { ...one(100), ram: { slots: 1 } }, ["ram, slots: only in what was counted"]],
  ])("%s", (_, now, lines) => {
    expect(grownParts(one(100), now)).toEqual(lines);
  });
});
