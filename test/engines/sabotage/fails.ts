import { afterAll, beforeEach, describe, expect, test } from "@jest/globals";

test("passes", () => expect([1, { two: 2 }]).toEqual([1, { two: 2 }]));
test("a matcher that does not match", () => expect([1, { two: 2 }]).toEqual([1, { two: 3 }]));
test("a matcher that there is not", () => {
  (expect(1) as unknown as { toBeFine(): void }).toBeFine();
});
test("a rejection", async () => {
  await Promise.resolve();
  throw new RangeError("later");
});
test("a promise that nobody settles", () => new Promise(() => {}));

describe("a hook", () => {
  let count = 0;
  beforeEach(() => {
    if (++count === 2) throw new Error("second time");
  });
  test("before the first", () => expect(count).toBe(1));
  test("before the second", () => expect(count).toBe(2));
});

describe("a hook at the end", () => {
  afterAll(() => {
    throw new Error("at the end");
  });
  test("with a test before it", () => {});
  test.each([[1, "one"]])("row %d, %s: the last", (number, name) =>
    expect([number, name]).toEqual([1, "one"]),
  );
});
