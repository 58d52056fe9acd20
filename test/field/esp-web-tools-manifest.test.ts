import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "@jest/globals";
import { unzipSync } from "fflate";
import { sampleBuild } from "../../host-sim/virtual-board/rom/sample-build.js";
import { jsonLines, temporaryFolder } from "../support/cli.js";
import { Technician } from "../support/technician.js";

const folder = temporaryFolder();
const path = (...names: string[]) => join(folder, ...names);
const technician = new Technician(folder);
const fieldmark = technician.fieldmark.bind(technician);
const build = sampleBuild({ size: 20_000 });
const NOWHERE = ["--port", "rfc2217://127.0.0.1:1"];
let maker = "";

beforeAll(async () => {
  maker = String(jsonLines((await fieldmark("keygen", "maker.json", "--json")).stdout)[0]?.did);
  writeFileSync(path("wifi.txt"), "\n");
  cpSync(join(__dirname, "esp-web-tools-manifest/manifest.json"), path("manifest.json"));
  // A web installer's folder with its parts beside.
  mkdirSync(path("installer"));
  const merged = Buffer.alloc(0x30000, 0xff);
  for (const { path: name, offset, data } of build.parts) {
    writeFileSync(path("installer", name.replace("/", " ")), data);
    merged.set(data, offset);
  }
  const parts = build.parts.map(({ path: name, offset }) => ({ path: name.replace("/", " "), offset }));
  const manifest = { name: "WLED", version: "0.15", builds: [{ chipFamily: "ESP32-C3", parts }] };
  writeFileSync(path("installer", "manifest.json"), JSON.stringify(manifest));
  writeFileSync(path("merged.bin"), merged);
  writeFileSync(path("app.bin"), build.parts.at(-1)?.data ?? "");
  writeFileSync(path("firmware.elf"), Buffer.from("7f454c4601010100", "hex"));
  writeFileSync(path("notes.txt"), "hello");
});

describe("what is no bundle is named for what it is, with what to do, before any port is looked at", () => {
  test.each([
    [
      "manifest.json",
      "is a manifest of ESP Web Tools, and nobody signed it",
      "fieldmark bundle . --key-file",
    ],
    [
      "installer",
      "its manifest is one of ESP Web Tools, and nobody signed it",
      "fieldmark bundle installer --key-file",
    ],
    ["merged.bin", "is the image of a whole flash", "fieldmark bundle merged.bin --key-file"],
    ["app.bin", "is one image (.bin)", "the folder of its build"],
    ["firmware.elf", "is what a linker makes (ELF)", "the folder of its build"],
  ])("%s", async (given, what, advice) => {
    const { code, stderr } = await fieldmark("flash", given, "--signer", maker, ...NOWHERE);
    expect(code).toBe(2);
    expect(stderr).toContain("failed (bundle-foreign): ");
    expect(stderr).toContain(what);
    expect(stderr).toContain(advice);
    expect(stderr).not.toMatch(/again/);
  });
});

describe("fieldmark bundle makes one of it", () => {
  const bundle = (...given: string[]) =>
    fieldmark("bundle", ...given, "--key-file", "maker.json", "--out", "made.zip");
  const filesOf = () => unzipSync(new Uint8Array(readFileSync(path("made.zip"))));
  const offsetsOf = (files: Record<string, Uint8Array>) => {
    const { builds } = JSON.parse(Buffer.from(files["manifest.json"] ?? []).toString()) as {
      builds: { chipFamily: string; parts: { offset: number }[] }[];
    };
    return builds.map(({ chipFamily, parts }) => [chipFamily, ...parts.map(({ offset }) => offset)]);
  };

  test.each(["installer", join("installer", "manifest.json")])("%s", async (given) => {
    expect(await bundle(given)).toMatchObject({ code: 0, stdout: expect.stringContaining(maker) });
    expect(offsetsOf(filesOf())).toEqual([["ESP32-C3", 0, 0x8000, 0xf000, 0x20000]]);
  });

  test("the image of a whole flash, without what is blank, and it can be flashed", async () => {
    expect(await bundle("merged.bin")).toMatchObject({ code: 0, stdout: expect.stringContaining(maker) });
    expect(offsetsOf(filesOf())).toEqual([["ESP32-C3", 0, 0x8000, 0x20000]]);
    const { running, port } = await technician.board("--tcp", "--blank");
    const flashed = await fieldmark("flash", "made.zip", "--signer", maker, "-p", port);
    running.process.kill();
    expect(flashed).toMatchObject({ code: 0, stdout: expect.stringContaining("written and compared") });
  });

  test.each([
    ["manifest.json", "https://example.com/x.bin is on a server: download it beside the manifest"],
    ["app.bin", "is one image (.bin)"],
    ["firmware.elf", "the folder of its build"],
    ["notes.txt", "no folder of a build, no manifest and no image of a whole flash"],
  ])("but not of %s", async (given, said) => {
    const { code, stderr } = await bundle(given);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(said) });
  });
});

test("a bundle for more flash than the chip has is refused with both sizes, and nothing is written", async () => {
  await fieldmark("bundle", "installer", "--key-file", "maker.json", "--out", "four.zip");
  const { running, port } = await technician.board("--tcp", "--blank", "--flash", "2MB", "--state", "small");
  const { code, stderr } = await fieldmark("flash", "four.zip", "--signer", maker, "-p", port);
  running.process.kill();
  expect(code).toBe(1);
  expect(stderr).toMatch(
    /failed \(bundle-layout\): fieldmark 0\.1\.0 needs 4 MB of flash \(.+\), and this chip has 2 MB/,
  );
  expect(readFileSync(path("small", "flash.bin")).every((byte) => byte === 0xff)).toBe(true);
});
