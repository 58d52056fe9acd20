import { expect, test } from "@jest/globals";
import { notRun } from "./reporter.js";

test("what did not run is listed at the end, by reason", () => {
  const file = (...titles: string[]) => ({ testResults: titles.map((title) => ({ title })) });
  const results = [
    file("adds up", "boards: not run: MODDABLE is not set"),
    file("hostile brokers: not run: MODDABLE is not set", "options: not run: IDF_PATH is not set"),
  ];
  expect(notRun({ testResults: results })).toBe(
    [
      "Not run on this machine:",
      "  MODDABLE is not set: boards; hostile brokers",
      "  IDF_PATH is not set: options\n",
    ].join("\n"),
  );
  expect(notRun({ testResults: [file("adds up")] })).toBe("");
});
