import type { Random32 } from "./random.js";
import type { Unsettled } from "./tear.js";

const { floor, max, min } = Math; // globals are slow where tests run, in a context of node:vm

interface Patch extends Unsettled {
  /** Address of the mask's first byte. */
  readonly at: number;
}

/** The bits of a chip that torn operations left between 0 and 1, by sector. What they show now is in the chip's `cells`. */
export class UnsettledBits {
  readonly #patches = new Map<number, Patch[]>();
  readonly #cells: Uint8Array;
  readonly #sectorBytes: number;
  readonly #random: Random32;

  constructor(cells: Uint8Array, sectorBytes: number, random: Random32) {
    this.#cells = cells;
    this.#sectorBytes = sectorBytes;
    this.#random = random;
  }

  /** Bits that are between 0 and 1 in all. */
  get count(): number {
    let count = 0;
    for (const patches of this.#patches.values())
      for (const { mask } of patches) for (const byte of mask) count += ones(byte);
    return count;
  }

  /** Those of byte `at`. */
  mask(at: number): number {
    let bits = 0;
    if (this.#patches.size > 0)
      this.visit(at, 1, (patch) => {
        bits |= patch.mask[at - patch.at] as number;
      });
    return bits;
  }

  /** Adds bits of one sector. */
  add(at: number, unsettled: Unsettled): void {
    const sector = floor(at / this.#sectorBytes);
    this.firm(at, unsettled.mask);
    const patches = this.#patches.get(sector);
    const patch = { at, ...unsettled, mask: unsettled.mask.slice() };
    if (patches === undefined) this.#patches.set(sector, [patch]);
    else patches.push(patch);
  }

  /** Those of the bits in `mask`, from address `at`, are unsettled no more. */
  firm(at: number, mask: Uint8Array): void {
    if (this.#patches.size === 0) return;
    this.visit(at, mask.length, (patch, from, to) => {
      for (let i = from; i < to; i++) {
        const byte = patch.mask[i - patch.at] as number;
        if (byte !== 0) patch.mask[i - patch.at] = byte & ~(mask[i - at] as number);
      }
    });
  }

  erase(sector: number): void {
    this.#patches.delete(sector);
  }

  /** Puts over what was read from `at` what its unsettled bits show this time. */
  read(at: number, into: Uint8Array): void {
    if (this.#patches.size === 0) return;
    this.visit(at, into.length, (patch, from, to) => {
      if (patch.reads-- <= 0) this.settle(patch);
      for (let i = from; i < to; i++) {
        const mask = patch.mask[i - patch.at] as number;
        if (mask === 0) continue;
        into[i - at] = (this.#cells[i] as number) ^ (mask & this.changes(patch));
      }
    });
  }

  private changes({ wavering, reads }: Patch): number {
    if (wavering === "late" || reads < 0) return 0;
    const random = this.#random();
    return wavering === "noise" ? random : random & (random >>> 8) & (random >>> 16) & (random >>> 24);
  }

  private settle(patch: Patch): void {
    const { mask, at, flips } = patch;
    for (let i = 0; i < mask.length; i++) {
      const bits = mask[i] as number;
      if (bits === 0) continue;
      this.#cells[at + i] = (this.#cells[at + i] as number) ^ (flips ? bits : bits & this.#random());
    }
    mask.fill(0);
  }

  /** Each patch that has bytes among `length` from `at`, and the addresses of those. */
  private visit(at: number, length: number, visitor: (patch: Patch, from: number, to: number) => void): void {
    const last = floor((at + length - 1) / this.#sectorBytes);
    for (let sector = floor(at / this.#sectorBytes); sector <= last; sector++)
      for (const patch of this.#patches.get(sector) ?? []) {
        const from = max(at, patch.at);
        const to = min(at + length, patch.at + patch.mask.length);
        if (from < to) visitor(patch, from, to);
      }
  }
}

function ones(byte: number): number {
  let count = 0;
  for (let rest = byte; rest !== 0; rest &= rest - 1) count++;
  return count;
}
