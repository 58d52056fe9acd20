import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { notRun } from "../../support/not-run.js";
import { describeWithSdk } from "../sdk.js";
import { BOARDS, MANIFESTS, ROOT } from "./board.js";

const LINKING = 300_000;
/** Half a minute a board: the others only where they are asked for. */
const linked = BOARDS.filter(({ board }) => board === "esp32c3" || process.env.FIELDMARK_ALL_BOARDS === "1");

describeWithSdk("boards, as far as ESP-IDF is not needed", () => {
  let folder = "";
  let env: NodeJS.ProcessEnv = {};

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "fieldmark-test-"));
    // What mcconfig's makefile asks of an ESP-IDF before it compiles any C: a tag, and a script.
    const idf = join(folder, "idf");
    mkdirSync(idf);
    writeFileSync(join(idf, "export.sh"), "");
    const git = (...args: string[]) =>
      expect(spawnSync("git", ["-C", idf, "-c", "user.name=x", "-c", "user.email=x@x", ...args]).status).toBe(
        0,
      );
    git("init", "--quiet");
    git("add", ".");
    git("commit", "--quiet", "--message", "none");
    git("tag", "v6.0");
    const system = process.platform === "darwin" ? "mac" : "lin";
    const tools = [
      join(ROOT, "node_modules/.bin"),
      join(process.env.MODDABLE as string, "build/bin", system, "release"),
    ];
    env = { ...process.env, IDF_PATH: idf, PATH: [...tools, process.env.PATH].join(delimiter) };
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  function run(program: string, args: string[], cwd: string): string {
    const { status, stdout, stderr } = spawnSync(program, args, { cwd, env, encoding: "utf8" });
    const output = `${stdout}${stderr}`;
    if (status !== 0) throw new Error(`${program} ended with ${status}:\n${output}`);
    return output;
  }

  for (const { board } of BOARDS.filter((it) => !linked.includes(it)))
    notRun(
      `${board}, as far as ESP-IDF is not needed`,
      "FIELDMARK_ALL_BOARDS is not 1 (half a minute a board)",
    );

  describe.each(linked)("$board", ({ board, platform, chip, hasHmac }) => {
    let output = "";
    let result = "";

    beforeAll(() => {
      const out = join(folder, board);
      mkdirSync(out);
      run("mcconfig", ["-p", platform, "-o", out, "./manifest.json"], join(MANIFESTS, board));
      result = join(out, "tmp", platform, "release/fieldmark");
      const config = join(result, `xsProj-${chip}/build/config/sdkconfig.h`);
      // "-o": as if ESP-IDF had made that header.
      output = run("make", ["-f", join(result, "makefile"), "-o", config, join(result, "mc.xs.c")], out);
    }, LINKING);

    test("the manifest resolves, compiles and links", () => {
      expect(existsSync(join(result, "mc.xs.c"))).toBe(true);
    });

    test("the linker has no warning for a module of ours", () => {
      expect(output.split("\n").filter((line) => /### warning: (agent|firmware)\//.test(line))).toEqual([]);
    });

    test("what is preloaded takes at most 220 aliases of RAM, of 4 bytes", () => {
      const aliases = /#define mxAliasCount (\d+)/.exec(readFileSync(join(result, "mc.xs.c"), "utf8"))?.[1];
      process.stderr.write(`${board}: ${aliases} aliases; ${/### .* instances.*/.exec(output)?.[0]}\n`);
      expect(Number(aliases)).toBeLessThanOrEqual(220);
    });

    test("ESP-IDF gets the board's partitions and its options", () => {
      const project = join(result, `xsProj-${chip}`);
      const partitions = readFileSync(join(project, "partitions.csv"), "utf8");
      expect(partitions).toBe(readFileSync(join(MANIFESTS, board, "partitions.csv"), "utf8"));
      const options = readFileSync(join(project, "sdkconfig.mc"), "utf8").split("\n");
      expect(options).toEqual(
        expect.arrayContaining([
          "CONFIG_NVS_ENCRYPTION=y",
          hasHmac ? "CONFIG_NVS_SEC_KEY_PROTECT_USING_HMAC=y" : "CONFIG_SECURE_FLASH_ENC_ENABLED=y",
          "CONFIG_ESP_TASK_WDT_PANIC=y",
          "CONFIG_PARTITION_TABLE_CUSTOM=y",
          "CONFIG_ESPTOOLPY_FLASHSIZE_4MB=y",
        ]),
      );
    });
  });
});
