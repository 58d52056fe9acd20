import { readFileSync } from "node:fs";
import { join } from "node:path";
import { jest } from "@jest/globals";

export const ROOT = join(__dirname, "../../..");
export const MANIFESTS = join(ROOT, "manifests");

/** `platform`: what mcconfig calls it; `chip`: what ESP-IDF does. */
export const BOARDS = [
  { board: "esp32", platform: "esp32", chip: "esp32", hasHmac: false },
  { board: "esp32c3", platform: "esp32/esp32c3_cdc", chip: "esp32c3", hasHmac: true },
  { board: "esp32s3", platform: "esp32/esp32s3_cdc", chip: "esp32s3", hasHmac: true },
  { board: "m5atom", platform: "esp32/m5atom_lite", chip: "esp32", hasHmac: false },
] as const;

export const FLASH_BYTES = 4 * 1024 * 1024;

export interface Channel {
  readonly property: string;
  readonly name: string;
  readonly unit: string;
  readonly digits: number;
}

export interface Manifest {
  readonly include?: readonly string[];
  readonly build?: { readonly [name: string]: string };
  readonly modules?: { readonly [name: string]: readonly string[] };
  readonly preload?: readonly string[];
  readonly creation?: {
    readonly static?: number;
    readonly stack?: number;
    readonly chunk?: object;
    readonly heap?: object;
  };
  readonly config?: {
    readonly board?: string;
    readonly sensors?: readonly {
      readonly kind: string;
      readonly options: { readonly data: number; readonly clock: number };
      readonly interval: number;
      readonly channels: readonly Channel[];
    }[];
  };
  readonly defines?: { readonly i2c?: { readonly sda_pin: number; readonly scl_pin: number } };
}

export function readBoardFile(board: string, name: string): string {
  return readFileSync(join(MANIFESTS, board, name), "utf8");
}

/** A module of firmware/ with the SDK's modules that it imports replaced by `fakes`, by name. */
export function loadFirmware<T>(path: string, fakes: { readonly [name: string]: object }): T {
  let loaded: unknown;
  jest.isolateModules(() => {
    for (const [name, exports] of Object.entries(fakes))
      jest.doMock(name, () => ({ __esModule: true, ...exports }), { virtual: true });
    loaded = require(join(ROOT, "firmware", path));
  });
  return loaded as T;
}
