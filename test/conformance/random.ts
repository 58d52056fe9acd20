import { describe, expect, test } from "@jest/globals";
import type { Random } from "../../agent/ports/random.js";

/** What agent/ports/random.ts promises, as far as a test can tell. Each may fail by chance once in 2^100 runs. */
export function describeRandom(name: string, make: () => Random): void {
  describe(`random: ${name}`, () => {
    const bytes = (length: number) => {
      const into = new Uint8Array(length);
      make().fill(into);
      return into;
    };

    test("fills a view and nothing around it", () => {
      const buffer = new Uint8Array(48);
      make().fill(buffer.subarray(16, 32));
      expect(buffer.subarray(0, 16)).toEqual(new Uint8Array(16));
      expect(buffer.subarray(16, 32)).not.toEqual(new Uint8Array(16));
      expect(buffer.subarray(32)).toEqual(new Uint8Array(16));
    });

    test("no two of 1,000 keys are alike", () => {
      const keys = Array.from({ length: 1000 }, () => bytes(32).join());
      expect(new Set(keys).size).toBe(1000);
    });

    test.each([0, 1, 65_537])("fills %i bytes", (length) => {
      expect(bytes(length)).toHaveLength(length);
    });

    test("fills to the end: among 65,537-byte fills the last byte takes many values", () => {
      const last = Array.from({ length: 64 }, () => bytes(65_537)[65_536]);
      expect(new Set(last).size).toBeGreaterThan(16);
    });

    test("each bit is set about half the time", () => {
      const sample = bytes(80_000);
      for (let bit = 0; bit < 8; bit++) {
        const ones = sample.reduce((count, byte) => count + ((byte >> bit) & 1), 0);
        // 80,000 coin tosses: the standard deviation is 141, and 12 of them are once in 2^108.
        expect(Math.abs(ones - 40_000)).toBeLessThan(12 * 141);
      }
    });
  });
}
