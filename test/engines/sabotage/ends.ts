import { expect, test } from "@jest/globals";

test("before", () => {});
test("more memory than a board on XS has here", () => expect(new ArrayBuffer(2e8).byteLength).toBe(2e8));
test("after", () => {});
