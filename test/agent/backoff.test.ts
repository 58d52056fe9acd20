import { describe, expect, test } from "@jest/globals";
import { backoffDelay } from "../../agent/uplink/backoff.js";
import { Line } from "./line.js";

describe("back-off", () => {
  const random = (byte: number) => ({ fill: (into: Uint8Array) => into.fill(byte) });

  test.each([
    { attempt: 0, byte: 0, delay: 125 },
    { attempt: 0, byte: 255, delay: 249 },
    { attempt: 1, byte: 0, delay: 250 },
    { attempt: 3, byte: 128, delay: 1501 },
    { attempt: 4, byte: 255, delay: 3999 },
    { attempt: 5, byte: 0, delay: 2500 },
    { attempt: 5, byte: 255, delay: 4999 },
    { attempt: 1e6, byte: 255, delay: 4999 },
  ])("try $attempt with random bytes of $byte waits $delay ms", ({ attempt, byte, delay }) => {
    expect(backoffDelay({ min: 250, max: 5000 }, attempt, random(byte))).toBe(delay);
  });

  /** Milliseconds from each end of a session or attempt to the next attempt. */
  function waits(line: Line): number[] {
    const ends = line.log.filter(({ what }) => what === "close" || what === "closed");
    return ends.flatMap(({ time }, i) => {
      const next = line.of("open")[i + 1];
      return next === undefined ? [] : [next.time - time];
    });
  }
  const bounds = (attempt: number) => {
    const longest = Math.min(5000, 250 * 2 ** attempt);
    return [longest / 2, longest] as const;
  };

  test("grows within its bounds, and not by the same amounts on every board", () => {
    const all = [1, 2, 3].map((seed) => {
      const line = new Line(1, {}, { seed });
      line.broker(0).kill();
      line.uplink.start();
      line.clock.advance(60_000);
      return waits(line);
    });
    for (const one of all) {
      expect(one.length).toBeGreaterThan(12);
      for (const [attempt, wait] of one.entries()) {
        const [least, most] = bounds(attempt);
        expect(wait).toBeGreaterThanOrEqual(least);
        expect(wait).toBeLessThan(most);
      }
    }
    expect(new Set(all.map((one) => one.join()))).toHaveProperty("size", 3);
  });

  test("a broker that takes connections and acknowledges nothing does not make it short again", () => {
    const line = new Line(1, { timeout: 100 }, { frames: 1 });
    line.broker(0).mute = true;
    line.uplink.start();
    line.clock.advance(60_000);
    const seen = waits(line);
    expect(seen.length).toBeGreaterThan(10);
    for (const [attempt, wait] of seen.entries()) expect(wait).toBeGreaterThanOrEqual(bounds(attempt)[0]);
  });

  test("an acknowledgement does", () => {
    const line = new Line(1, { timeout: 100 }, { frames: 1 });
    line.broker(0).mute = true;
    line.uplink.start();
    line.clock.advance(30_000);
    line.broker(0).mute = false;
    line.clock.advance(10_000);
    expect(line.outbox.pending).toBe(0);
    const before = waits(line).length;
    line.broker(0).kill();
    line.clock.advance(1000);
    const [least, most] = bounds(0);
    expect(waits(line)[before]).toBeGreaterThanOrEqual(least);
    expect(waits(line)[before]).toBeLessThan(most);
  });
});
