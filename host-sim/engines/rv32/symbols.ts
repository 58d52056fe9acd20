import { spawnSync } from "node:child_process";
import { TOOLS } from "./flags.js";

/** A function or variable of an image. */
export interface ElfSymbol {
  readonly name: string;
  readonly address: number;
  readonly size: number;
  /** nm's letter; lower case: it has no name outside of its file. */
  readonly kind: string;
}

/** What `nm` says of an image or object, by address. Throws an Error where it says nothing. */
export function readSymbols(path: string): ElfSymbol[] {
  const { status, stdout, stderr } = spawnSync(`${TOOLS}nm`, ["-n", "-S", path], { maxBuffer: 1 << 26 });
  if (status !== 0) throw new Error(`nm ${path}: ${stderr}`);
  return stdout
    .toString()
    .split("\n")
    .flatMap((line) => {
      const found = /^([0-9a-f]{8}) (?:([0-9a-f]{8}) )?(\w) (.+)$/.exec(line);
      if (found === null) return [];
      const [, address, size = "0", kind, name] = found as unknown as [
        string,
        string,
        string?,
        string?,
        string?,
      ];
      return [
        {
          name: name as string,
          address: Number.parseInt(address, 16),
          size: Number.parseInt(size, 16),
          kind: kind as string,
        },
      ];
    });
}

/** The address of a symbol that there is. */
export function addressOf(symbols: readonly ElfSymbol[], name: string): number {
  const found = symbols.find((symbol) => symbol.name === name);
  if (found === undefined) throw new Error(`the image has no ${name}`);
  return found.address;
}
