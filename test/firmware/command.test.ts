import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { checkCertificates } from "../../scripts/firmware/certificates.js";
import { createIssuer } from "../support/certificates.js";
import { temporaryFolder } from "../support/cli.js";
import { describeWithSdk, firmwareCommand, ROOT } from "./sdk.js";

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
  ["help", ["--help"], () => plain, 0, ["usage: ", "--board esp32c3 --release", "--home /tmp/two"]],
])("%s: says what is missing", async (_name, args, env, code, said) => {
  const finished = await firmwareCommand(args, env());
  for (const text of said) expect(finished.output).toContain(text);
  expect(finished.code).toBe(code);
});

test("boards are listed, and nothing that is none", async () => {
  const { output } = await firmwareCommand(["--help"], plain);
  expect(/one of (.*)/.exec(output)?.[1]).toBe("sim, esp32, esp32c3, esp32s3, m5atom");
});

describe("certificates of a compiled-in configuration", () => {
  const { certificate } = createIssuer(temporaryFolder())("broker");
  const pem = readFileSync(certificate, "utf8");
  const brokers = [{ host: "a" }, { host: "b", certificate: pem }];

  test("that are valid pass, in PEM and in base64", () => {
    const base64 = pem.replace(/-----.*-----|\s/g, "");
    checkCertificates([...brokers, { host: "c", certificate: base64 }], new Date());
  });

  test.each([
    ["over", brokers, new Date(Date.now() + 40 * 86_400_000), "it is valid from"],
    ["not begun", brokers, new Date(0), "it is valid from"],
    [
      "no certificate",
      [{ host: "a" }, { host: "b", certificate: "MIIB" }],
      new Date(),
      "not a certificate in PEM",
    ],
  ])("one that is %s is named", (_, given, now, said) => {
    expect(() => checkCertificates(given, now)).toThrow(`config.brokers[1].certificate, for b: ${said}`);
  });
});

describeWithSdk("a board without ESP-IDF", () => {
  const { MODDABLE } = process.env;

  test("the command says how far it came, and what is missing", async () => {
    const { code, output } = await firmwareCommand(["--board", "esp32c3"], { ...plain, MODDABLE });
    expect(output).toMatch(
      /The manifest of esp32c3 resolved, \d+ modules, and mcconfig wrote\n {2}.*\/makefile\n/,
    );
    expect(output).toContain("IDF_PATH is not set");
    const makefile = /wrote\n {2}(.*)/.exec(output)?.[1] as string;
    expect(existsSync(makefile)).toBe(true);
    expect(code).toBe(1);
  });

  test("a manifest that does not resolve is not taken for a missing ESP-IDF", async () => {
    const root = temporaryFolder();
    const manifests = join(root, "manifests/esp32c3");
    mkdirSync(manifests, { recursive: true });
    writeFileSync(join(root, "package.json"), "{}"); // without git, its date is that of the build
    writeFileSync(join(manifests, "manifest.json"), '{"include": "./nothing.json"}');
    const build = `
      import { buildFirmware } from ${JSON.stringify(join(ROOT, "scripts/firmware/build.js"))};
      import { findSdk } from ${JSON.stringify(join(ROOT, "scripts/firmware/sdk.js"))};
      const sdk = findSdk(process.env, { isLinux: false });
      await buildFirmware({ root: ${JSON.stringify(root)}, sdk, board: "esp32c3", release: true })
        .catch(({ message }) => console.log(message));`;
    const { stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "--eval", build], {
      env: { ...plain, MODDABLE },
      encoding: "utf8",
    });
    expect(stderr).toContain("'./nothing.json': manifest not found");
    expect(stdout).toBe("mcconfig failed: exit code 1\n");
  });
});
