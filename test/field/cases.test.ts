import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";

test("each case from the field has the test that runs it", () => {
  const cases = readdirSync(__dirname, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  expect(cases.length).toBeGreaterThan(0);
  const untested = cases.filter(({ name }) => !existsSync(join(__dirname, `${name}.test.ts`)));
  expect(untested.map(({ name }) => name)).toEqual([]);
});
