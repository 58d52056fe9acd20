import { describe, expect, test } from "@jest/globals";
import { isOlder, refuseOlder } from "../../../provision/flash/release.js";

/** As semver.org has it, §11. */
const IN_ORDER = [
  ...[
    "0.0.9",
    "0.1.0-alpha",
    "0.1.0-alpha.1",
    "0.1.0-alpha.beta",
    "0.1.0-beta",
    "0.1.0-beta.2",
    "0.1.0-beta.11",
  ],
  ...["0.1.0-rc.1", "0.1.0", "0.1.1", "0.2", "v0.10.0", "1.0.0+built.later", "2.0.0"],
];

test("releases are in order, each older than all that follow", () => {
  for (const [i, a] of IN_ORDER.entries())
    for (const [j, b] of IN_ORDER.entries()) expect([a, b, isOlder(a, b)]).toEqual([a, b, i < j]);
});

test.each(["", "1", "0cb1f2a-dirty", "v8", "1.2.3.4", "latest", "1.x"])("%p is no release's name", (text) => {
  expect([isOlder(text, "9.9.9"), isOlder("0.0.1", text)]).toEqual([undefined, undefined]);
});

describe("what is on the board", () => {
  const app = { project: "fieldmark", version: "0.2.0" };
  const refuses = (...held: (readonly [project: string, version: string])[]) => {
    try {
      refuseOlder(
        app,
        held.map(([project, version]) => ({ project, version })),
      );
      return false;
    } catch {
      return true;
    }
  };
  test.each([
    ["nothing", [], false],
    ["the same", [["fieldmark", "0.2.0"]], false],
    ["an older one", [["fieldmark", "0.1.9"]], false],
    ["a newer one", [["fieldmark", "0.2.1"]], true],
    [
      "a newer one in its second slot",
      [
        ["fieldmark", "0.1.0"],
        ["fieldmark", "0.3.0"],
      ],
      true,
    ],
    ["something else", [["tasmota", "14.2.0"]], false],
    ["one that says no release", [["fieldmark", "0cb1f2a"]], false],
  ] as const)("%s: refused is %p", (_, held, isRefused) => expect(refuses(...held)).toBe(isRefused));
});
