import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { notRun } from "../../support/not-run.js";
import { BOARDS, ROOT, readBoardFile } from "./board.js";

// What no compiler for these chips tells here. Facts are of ESP-IDF 6.0 and of the SDK's make.esp32.mk;
// where IDF_PATH and MODDABLE are set, they are looked up there.
const { IDF_PATH, MODDABLE } = process.env;

/** Options that have a prompt in ESP-IDF 6.0's Kconfig. A line for another one leaves no trace. */
const SETTABLE = new Set([
  "APP_PROJECT_VER",
  "APP_PROJECT_VER_FROM_CONFIG",
  "ESPTOOLPY_AFTER_NORESET",
  "ESPTOOLPY_BEFORE_RESET",
  "ESP_BROWNOUT_DET",
  "ESP_CONSOLE_NONE",
  "ESP_CONSOLE_UART_DEFAULT",
  "ESP_COREDUMP_ENABLE_TO_NONE",
  "ESP_COREDUMP_ENABLE_TO_UART",
  "ESP_SYSTEM_PANIC_PRINT_REBOOT",
  "ESP_TASK_WDT_CHECK_IDLE_TASK_CPU0",
  "ESP_TASK_WDT_CHECK_IDLE_TASK_CPU1",
  "ESP_TASK_WDT_EN",
  "ESP_TASK_WDT_INIT",
  "ESP_TASK_WDT_PANIC",
  "ESP_TASK_WDT_TIMEOUT_S",
  "LIBC_TIME_SYSCALL_USE_RTC_HRT",
  "NVS_ENCRYPTION",
  "NVS_SEC_HMAC_EFUSE_KEY_ID",
  "NVS_SEC_KEY_PROTECT_USING_FLASH_ENC",
  "NVS_SEC_KEY_PROTECT_USING_HMAC",
  "SECURE_FLASH_ENCRYPTION_MODE_DEVELOPMENT",
  "SECURE_FLASH_ENC_ENABLED",
]);

/** Headers of ESP-IDF, as they are found from the folders that mcconfig's makefile names. */
const HEADERS = new Set([
  "bootloader_random.h",
  "esp_random.h",
  "esp_system.h",
  "esp_task_wdt.h",
  "esp_timer.h",
  "nvs_flash/include/nvs.h",
]);
/** Made by the build, the SDK's, or the compiler's. */
const OTHERS = new Set(["sdkconfig.h", "xsmc.h", "xs.h"]);

const optionsOf = (board: string) =>
  [...readBoardFile(board, "sdkconfig.defaults").matchAll(/^CONFIG_(\w+)=/gm)].map(([, name]) =>
    String(name),
  );

const filesIn = (folder: string, pattern: RegExp): string[] =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => pattern.test(name))
    .map((name) => join(folder, name));

/** Headers that C of ours includes by a name that is no file beside it. */
function headersOf(): string[] {
  const files = ["firmware/native", "firmware/esp32", "firmware/ports"].flatMap((folder) =>
    filesIn(join(ROOT, folder), /\.[ch]$/),
  );
  const included = files.flatMap((file) =>
    [...readFileSync(file, "utf8").matchAll(/^\s*#\s*include "([^"]+)"/gm)]
      .map(([, name]) => String(name))
      .filter((name) => !name.startsWith("../") && !existsSync(join(file, "..", name))),
  );
  return [...new Set(included)].filter((name) => !OTHERS.has(name)).sort();
}

describe.each(BOARDS)("$board", ({ board }) => {
  test("sets only what ESP-IDF lets be set", () => {
    expect(optionsOf(board).filter((name) => !SETTABLE.has(name))).toEqual([]);
  });
});

test("C includes only what mcconfig's path has", () => {
  expect(headersOf().filter((name) => !HEADERS.has(name))).toEqual([]);
  expect(headersOf()).toEqual(expect.arrayContaining(["nvs_flash/include/nvs.h", "esp_task_wdt.h"]));
});

const TRUE_LISTS = "both lists are true of ESP-IDF's own sources";
if (IDF_PATH === undefined || MODDABLE === undefined)
  notRun(TRUE_LISTS, "IDF_PATH or MODDABLE is not set (no ESP-IDF)");
else test(TRUE_LISTS, () => checkLists(IDF_PATH, MODDABLE));

function checkLists(idf: string, sdk: string): void {
  const prompted = filesIn(join(idf, "components"), /Kconfig(\.[\w.]+)?$/).flatMap((file) =>
    [
      ...readFileSync(file, "utf8").matchAll(
        /^[ \t]*(?:menu)?config[ \t]+(\w+)[^\n]*\n(?:[ \t]*#[^\n]*\n)*[ \t]*(?:bool|int|string)(?:[ \t]+"|[ \t]*\n[ \t]*prompt "[^"\n]*"\n)/gm,
      ),
    ].map(([, name]) => String(name)),
  );
  expect([...SETTABLE].filter((name) => !prompted.includes(name))).toEqual([]);

  const makefile = readFileSync(join(sdk, "tools/mcconfig/make.esp32.mk"), "utf8");
  const folders = [...makefile.matchAll(/\$\(IDF_PATH\)\/(\S+)/g)].map(([, path]) =>
    join(idf, String(path).replaceAll("$(ESP32_SUBCLASS)", "esp32c3")),
  );
  const lost = [...HEADERS].filter((name) => !folders.some((folder) => existsSync(join(folder, name))));
  expect(lost).toEqual([]);
}
