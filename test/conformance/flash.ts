import { describe, expect, test } from "@jest/globals";
import type { Flash } from "../../agent/ports/flash.js";

export interface FlashBinding {
  /** The same flash, as the next boot finds it. */
  open(): Flash;
  close(): void;
}

export const SIZE = 4096;
export const SECTOR_BYTES = 1024;
export const PROGRAM_BYTES = 4;

/**
 * What agent/ports/flash.ts promises. `make` gives an erased flash of SIZE bytes in sectors of SECTOR_BYTES, programmed
 * in pieces of PROGRAM_BYTES.
 */
export function describeFlash(name: string, make: () => FlashBinding): void {
  describe(`flash: ${name}`, () => {
    const check = (title: string, body: (flash: Flash, reopen: () => Flash) => void) =>
      test(title, () => {
        const binding = make();
        try {
          body(binding.open(), () => binding.open());
        } finally {
          binding.close();
        }
      });

    const read = (flash: Flash, address: number, length: number) => {
      const into = new Uint8Array(length);
      flash.read(address, into);
      return into;
    };

    check("says its size, its sectors' and its pieces'", (flash) => {
      expect([flash.size, flash.sectorBytes, flash.programBytes]).toEqual([
        SIZE,
        SECTOR_BYTES,
        PROGRAM_BYTES,
      ]);
    });

    check("is erased at first: all 0xff", (flash) => {
      expect(read(flash, 0, SIZE)).toEqual(new Uint8Array(SIZE).fill(0xff));
    });

    check("read fills a view and nothing around it, from any address", (flash) => {
      flash.program(8, Uint8Array.of(0, 0, 1, 2, 3, 0, 0, 0));
      const buffer = new Uint8Array(5);
      flash.read(10, buffer.subarray(1, 4));
      expect(buffer).toEqual(Uint8Array.of(0, 1, 2, 3, 0));
    });

    check("programming stores its data, leaves it alone, and changes nothing around it", (flash) => {
      const data = Uint8Array.of(0b1010_1111, 0xff, 0x00, 0x5a);
      flash.program(100, data);
      expect(read(flash, 99, 6)).toEqual(Uint8Array.of(0xff, 0b1010_1111, 0xff, 0x00, 0x5a, 0xff));
      expect(data).toEqual(Uint8Array.of(0b1010_1111, 0xff, 0x00, 0x5a));
    });

    check("pieces beside each other are programmed one after the other", (flash) => {
      for (const piece of [1, 0, 3, 2]) flash.program(piece * 4, new Uint8Array(4).fill(piece));
      expect(read(flash, 0, 17)).toEqual(Uint8Array.of(0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 0xff));
    });

    check("programs a view of a larger buffer, and across sectors", (flash) => {
      const data = Uint8Array.of(9, 1, 2, 3, 4, 5, 6, 7, 8, 9).subarray(1, 9);
      flash.program(SECTOR_BYTES - 4, data);
      const expected = Uint8Array.of(0xff, 1, 2, 3, 4, 5, 6, 7, 8, 0xff);
      expect(read(flash, SECTOR_BYTES - 5, 10)).toEqual(expected);
    });

    check("erasing sets one sector and no byte beside it", (flash) => {
      flash.program(0, new Uint8Array(SIZE));
      flash.erase(SECTOR_BYTES);
      const expected = new Uint8Array(SIZE).fill(0xff, SECTOR_BYTES, 2 * SECTOR_BYTES);
      expect(read(flash, 0, SIZE)).toEqual(expected);
    });

    check("what was programmed and erased is there after a new boot", (flash, reopen) => {
      flash.program(0, new Uint8Array(SIZE));
      flash.erase(2 * SECTOR_BYTES);
      flash.program(2 * SECTOR_BYTES, Uint8Array.of(0x42, 0xff, 0xff, 0xff));
      expect(read(reopen(), 0, SIZE)).toEqual(read(flash, 0, SIZE));
      expect(read(reopen(), 2 * SECTOR_BYTES, 2)).toEqual(Uint8Array.of(0x42, 0xff));
    });

    check("the first and the last byte can be programmed", (flash) => {
      flash.program(0, Uint8Array.of(1, 0, 0, 0));
      flash.program(SIZE - 4, Uint8Array.of(0, 0, 0, 2));
      expect([read(flash, 0, 1)[0], read(flash, SIZE - 1, 1)[0]]).toEqual([1, 2]);
    });

    check("an erased sector can be programmed again", (flash) => {
      flash.program(SECTOR_BYTES, Uint8Array.of(1, 2, 3, 4));
      flash.erase(SECTOR_BYTES);
      flash.program(SECTOR_BYTES, Uint8Array.of(0xf0, 0xf1, 0xf2, 0xf3));
      expect(read(flash, SECTOR_BYTES, 5)).toEqual(Uint8Array.of(0xf0, 0xf1, 0xf2, 0xf3, 0xff));
    });

    check("nothing is read or programmed at the end", (flash) => {
      flash.read(SIZE, new Uint8Array(0));
      flash.program(SIZE, new Uint8Array(0));
      expect(read(flash, SIZE - 1, 1)).toEqual(Uint8Array.of(0xff));
    });

    const piece = new Uint8Array(4);
    const refused: [string, string, (flash: Flash) => void][] = [
      ["reading before the start", "-1", (flash) => flash.read(-1, new Uint8Array(1))],
      ["reading past the end", `${SIZE - 1}`, (flash) => flash.read(SIZE - 1, new Uint8Array(2))],
      ["programming before the start", "-4", (flash) => flash.program(-4, piece)],
      ["programming past the end", `${SIZE}`, (flash) => flash.program(SIZE, piece)],
      [
        "programming partly past the end",
        `${SIZE - 4}`,
        (flash) => flash.program(SIZE - 4, new Uint8Array(8)),
      ],
      ["programming inside a piece", "6", (flash) => flash.program(6, piece)],
      ["programming half a piece", "8", (flash) => flash.program(8, piece.subarray(0, 2))],
      ["programming a piece and a half", "8", (flash) => flash.program(8, new Uint8Array(6))],
      ["programming at half a byte", "0.5", (flash) => flash.program(0.5, piece)],
      ["programming at no number", "NaN", (flash) => flash.program(Number.NaN, piece)],
      ["erasing before the start", "-1024", (flash) => flash.erase(-SECTOR_BYTES)],
      ["erasing past the end", `${SIZE}`, (flash) => flash.erase(SIZE)],
      ["erasing inside a sector", "512", (flash) => flash.erase(512)],
    ];
    for (const [title, value, act] of refused)
      check(`${title} is a RangeError that names the address, and changes nothing`, (flash) => {
        expect(() => act(flash)).toThrow(RangeError);
        expect(() => act(flash)).toThrow(new RegExp(`^address: .*${value}\\b`));
        expect(read(flash, 0, SIZE)).toEqual(new Uint8Array(SIZE).fill(0xff));
      });
  });
}
