import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { temporaryFolder } from "../support/cli.js";
import { firmwareCommand } from "./sdk.js";

const { MODDABLE: _, IDF_PATH: __, ...plain } = process.env;

/** A folder that looks like an SDK with XS of this version, as far as its sources go. */
function sdkOf(xs: number): string {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "xs/sources"), { recursive: true });
  writeFileSync(join(folder, "xs/sources/xsCommon.h"), `#define XS_MAJOR_VERSION ${xs}\n`);
  return folder;
}

test.each<[string, string[], () => NodeJS.ProcessEnv, number, string[]]>([
  ["no SDK", ["--board", "sim"], () => plain, 1, ["MODDABLE is not set", "8.2.3", "xs-dev setup"]],
  [
    "a folder that is no SDK",
    ["--board", "esp32c3"],
    () => ({ ...plain, MODDABLE: temporaryFolder() }),
    1,
    ["holds no Moddable SDK", "xs-dev setup"],
  ],
  [
    "an older SDK",
    ["--board", "sim"],
    () => ({ ...plain, MODDABLE: sdkOf(16) }),
    1,
    ["XS 16, not 17", "checkout 8.2.3"],
  ],
  [
    "an SDK whose tools are not built",
    ["--board", "sim"],
    () => ({ ...plain, MODDABLE: sdkOf(17) }),
    1,
    ["lacks mcconfig, xsc, xsid, xsl", "make"],
  ],
  ["no board", [], () => plain, 2, ["--board is missing", "sim, "]],
  ["a board that is none", ["--board", "esp8266"], () => plain, 2, ["no such board: esp8266"]],
  ["an option that is none", ["--board", "sim", "--fast"], () => plain, 2, ["--fast", "usage: "]],
])("%s: says what is missing", async (_name, args, env, code, said) => {
  const finished = await firmwareCommand(args, env());
  for (const text of said) expect(finished.output).toContain(text);
  expect(finished.code).toBe(code);
});
