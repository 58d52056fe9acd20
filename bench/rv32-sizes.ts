import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { mapOf } from "../host-sim/engines/rv32/build.js";

/** Where RAM begins (host-sim/engines/rv32/native/board.ld). */
const FLASH = 0x8000_0000;
const RAM = 0x8020_0000;

/** Parts of an image, by the file that they come from; the first that fits. */
const PARTS: readonly (readonly [name: string, file: RegExp])[] = [
  ["root machine: built-in objects, agent", /^root\./],
  ["libsecp256k1", /^secp256k1/],
  ["engine: strings, regular expressions", /^xs(String|RegExp|re)\./],
  ["engine: the rest", /^xs|^defaults\.c/],
  ["C library", /^lib(c|m|gcc)\.a|\.a\(/],
  ["board and signer", /\.(c|S)\./],
];

export interface ImageSizes {
  /** Bytes of flash by part. */
  readonly flash: Readonly<Record<string, number>>;
  /** Bytes of RAM that variables take. */
  readonly variables: number;
}

/** What an image is made of, by the linker's map. */
export function imageSizes(image: string): ImageSizes {
  const text = readFileSync(mapOf(image), "utf8");
  const flash: Record<string, number> = {};
  let variables = 0;
  for (const [, address, size, file] of text.matchAll(
    /^ (?:\.\S+|COMMON)\s+0x([0-9a-f]+)\s+0x([0-9a-f]+) (\S+)$/gm,
  )) {
    const at = Number.parseInt(address as string, 16);
    const bytes = Number.parseInt(size as string, 16);
    if (at < FLASH) continue;
    if (at >= RAM) variables += bytes;
    else {
      const name = PARTS.find(([, pattern]) => pattern.test(basename(file as string)))?.[0] ?? "other";
      flash[name] = (flash[name] ?? 0) + bytes;
    }
  }
  return { flash, variables };
}
