import { expect, test } from "@jest/globals";
import { InputError } from "../../agent/input-error.js";
import { FuzzFinding, fuzz, refusable, type Target } from "./run.js";
import { createTargets } from "./targets.js";

/**
 * Some 20 seconds on a machine that has nothing else to do; docs/architecture.md says how to do
 * more.
 */
const INPUTS = 40_000;
/** Bytes by which memory may grow from the first third of the run to the last. */
const GROWTH = 12 << 20;

test("forty thousand mutated inputs through every entry and every renderer: nothing throws, memory stays flat", async () => {
  const targets = createTargets();
  const result = await fuzz({ seed: 15, targets, share: (done) => done / INPUTS });
  expect(result.inputs).toBe(INPUTS);
  expect([...result.counts.keys()].sort()).toEqual(targets.map(({ name }) => name).sort());
  const [first = 0, , last = 0] = result.heaps;
  expect(last - first).toBeLessThan(GROWTH);
});

const target = (input: Target["input"]): Target => ({ name: "bad", share: 1, input });
const run = (input: Target["input"]) =>
  fuzz({ seed: 7, targets: [target(input)], share: (done) => done / 300 });

test.each<[string, () => void]>([
  ["a date that is none", () => void new Date(Number.NaN).toISOString()],
  ["a recursion without end", () => JSON.stringify(nested())],
  ["a text of an object that has none", () => String({ toString: 1 })],
  ["a width below zero", () => " ".repeat(-1)],
])("finds %s, and says how to have it again", async (_name, fault) => {
  const found = run((random) => {
    if (random() < 0.05) refusable(fault, InputError);
  });
  await expect(found).rejects.toThrow(FuzzFinding);
  await expect(found).rejects.toThrow(/again: node scripts\/fuzz\.js --target bad --seed 7 --input \d+$/);
});

test("lets what is given be refused by the class that is named", async () => {
  const refuse = () => {
    throw new InputError("--broker: not a broker URL");
  };
  expect((await run(() => void refusable(refuse, InputError))).inputs).toBe(300);
});

/** Nested as deep as no stack is. */
function nested(): unknown {
  let value: unknown[] = [];
  for (let i = 0; i < 1e6; i++) value = [value];
  return value;
}
