import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, extname, join, relative } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { isSenmlUnit } from "../../../agent/frame/units.js";
import { BOARDS, MANIFESTS, type Manifest, ROOT, readBoardFile } from "./board.js";

/** Every manifest of ours that a board's takes in, itself first. */
function manifestsOf(path: string): { path: string; manifest: Manifest }[] {
  const manifest = JSON.parse(readFileSync(path, "utf8")) as Manifest;
  const others = (manifest.include ?? []).filter((it) => it.startsWith("."));
  return [{ path, manifest }, ...others.flatMap((it) => manifestsOf(join(dirname(path), it)))];
}

const sdkPath = (name: string) => name.replace("$(MODDABLE)", process.env.MODDABLE ?? "");
const kinds = [
  ...readFileSync(join(ROOT, "firmware/esp32/drivers.ts"), "utf8").matchAll(/^ {2}(\w+): \(options\)/gm),
].map(([, kind]) => kind as string);

test("manifests/ holds no code", () => {
  const names = readdirSync(MANIFESTS, { recursive: true, withFileTypes: true })
    .filter((it) => it.isFile())
    .map((it) => join(relative(MANIFESTS, it.parentPath), it.name));
  expect(names.filter((name) => ![".json", ".csv", ".defaults"].includes(extname(name)))).toEqual([]);
});

test("the drivers' kinds are found in their table", () => {
  expect(kinds).toEqual(
    expect.arrayContaining(["bme280", "bmp280", "sht3x", "shtc3", "tmp102", "tmp117", "analog", "pulses"]),
  );
});

describe.each(BOARDS)("manifests/$board", ({ board, hasHmac }) => {
  const all = manifestsOf(join(MANIFESTS, board, "manifest.json"));
  const own = (all[0] as { manifest: Manifest }).manifest;

  test("states its memory, its name, its pins and its sensors", () => {
    expect(own.creation).toEqual(
      expect.objectContaining({
        static: expect.any(Number),
        stack: expect.any(Number),
        chunk: { initial: expect.any(Number), incremental: expect.any(Number) },
        heap: { initial: expect.any(Number), incremental: expect.any(Number) },
      }),
    );
    expect(own.config?.board).toBe(board);
    expect(own.config?.sensors).not.toHaveLength(0);
    for (const { kind, options, channels } of own.config?.sensors ?? []) {
      expect(kinds).toContain(kind);
      expect(own.defines?.i2c).toEqual({ sda_pin: options.data, scl_pin: options.clock });
      for (const { unit, property } of channels) {
        expect(isSenmlUnit(unit)).toBe(true);
        // These drivers of the SDK give percent where ECMA-419 has a ratio.
        if (property.endsWith(".humidity")) expect(unit).toBe(kind === "bme280" ? "/" : "%RH");
      }
    }
  });

  test("every file that it names is there", () => {
    const missing = all.flatMap(({ path, manifest }) =>
      Object.values(manifest.modules ?? {})
        .flat()
        .map((file) => join(dirname(path), file))
        .filter(
          (file) => ![file, `${file}.ts`, `${file}.c`].some((it) => existsSync(it) && extname(it) !== ""),
        ),
    );
    expect(missing.map((file) => relative(ROOT, file))).toEqual([]);
  });

  test("what it takes from the SDK is there, where there is an SDK", () => {
    const included = all.flatMap(({ manifest }) => manifest.include ?? []).filter((it) => it.startsWith("$"));
    expect(included.length).toBeGreaterThan(5);
    if (process.env.MODDABLE) expect(included.filter((it) => !existsSync(sdkPath(it)))).toEqual([]);
  });

  test("names each module to preload, without wildcards", () => {
    expect(all.flatMap(({ manifest }) => manifest.preload ?? []).filter((it) => it.includes("*"))).toEqual(
      [],
    );
  });

  test("leaves the compiler's flags alone, which an ESP32's would be replaced by", () => {
    expect(all.filter(({ manifest }) => manifest.build?.C_FLAGS !== undefined)).toEqual([]);
  });

  // A manifest's own `build` is read before those that it includes, and the SDK's targets have an SDKCONFIGPATH too.
  test("gives its flash layout after the SDK's target has given its own", () => {
    expect(own.build).toBeUndefined();
    expect(own.include?.at(-1)).toBe("./flash.json");
  });

  const options = new Map(
    readBoardFile(board, "sdkconfig.defaults")
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("#"))
      .map((line) => line.split("=") as [string, string]),
  );

  test("encrypts NVS, by HMAC where the chip has it", () => {
    expect(options.get("CONFIG_NVS_ENCRYPTION")).toBe("y");
    expect(options.get("CONFIG_NVS_SEC_KEY_PROTECT_USING_HMAC")).toBe(hasHmac ? "y" : undefined);
    expect(options.get("CONFIG_NVS_SEC_HMAC_EFUSE_KEY_ID")).toBe(hasHmac ? "0" : undefined);
    expect(options.get("CONFIG_NVS_SEC_KEY_PROTECT_USING_FLASH_ENC")).toBe(hasHmac ? undefined : "y");
    expect(options.get("CONFIG_SECURE_FLASH_ENC_ENABLED")).toBe(hasHmac ? undefined : "y");
  });

  test.each([
    ["CONFIG_ESP_TASK_WDT_EN", "y"],
    ["CONFIG_ESP_TASK_WDT_INIT", "y"],
    ["CONFIG_ESP_TASK_WDT_PANIC", "y"],
    ["CONFIG_ESP_SYSTEM_PANIC_PRINT_REBOOT", "y"],
    ["CONFIG_ESP_BROWNOUT_DET", "y"],
  ])("a board that hangs, or whose supply sags, is reset: %s=%s", (name, value) => {
    expect(options.get(name)).toBe(value);
  });
});
