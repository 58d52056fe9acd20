import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, test } from "@jest/globals";
import { CHIP_NAMES } from "../../../provision/flash/chips.js";

test("--chip takes the chips that esptool-js knows", () => {
  const targets = join(dirname(require.resolve("esptool-js")), "targets");
  const known = readdirSync(targets).flatMap((name) => /^(esp32.*)\.js$/.exec(name)?.[1] ?? []);
  expect([...CHIP_NAMES].sort()).toEqual(known.sort());
});
