import { test } from "@jest/globals";

test("never told of", () => {});
throw new Error("at the top");
