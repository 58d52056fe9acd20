import { expect, test } from "@jest/globals";

// XS 13.3 has no Intl.
test("the same on both", () => expect(1 + 1).toBe(2));
test("what V8 has and XS has not", () => expect(typeof Intl).toBe("object"));
