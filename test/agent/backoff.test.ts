import { describe, expect, test } from "@jest/globals";
import type { Link } from "../../agent/ports/link.js";
import { backoffDelay, spread } from "../../agent/uplink/backoff.js";
import { Session, type SessionOwner, STATUS_ID } from "../../agent/uplink/session.js";
import { runs } from "../support/runs.js";
import { seededRandom } from "./agent-harness.js";
import { CONFIG, UplinkHarness } from "./uplink-harness.js";

const { backoff } = CONFIG;

describe("back-off", () => {
  const random = (byte: number) => ({ fill: (into: Uint8Array) => into.fill(byte) });

  test.each([
    { attempt: 0, byte: 0, delay: 250 },
    { attempt: 0, byte: 128, delay: 1128 },
    { attempt: 0, byte: 255, delay: 1999 },
    { attempt: 1, byte: 0, delay: 250 },
    { attempt: 1, byte: 255, delay: 3999 },
    { attempt: 2, byte: 255, delay: 4999 },
    { attempt: 3, byte: 128, delay: 2634 },
    { attempt: 1e6, byte: 0, delay: 250 },
    { attempt: 1e6, byte: 255, delay: 4999 },
  ])("try $attempt with random bytes of $byte waits $delay ms", ({ attempt, byte, delay }) => {
    expect(backoffDelay(backoff, attempt, random(byte))).toBe(delay);
  });

  test("a draw is anything from the one end to the other", () => {
    const draws = Array.from({ length: 2000 }, (_, seed) => spread(100, 200, seededRandom(seed + 1)));
    expect([Math.min(...draws), Math.max(...draws)]).toEqual([100, 199]);
    expect(spread(7, 7, random(255))).toBe(7);
  });

  /** Milliseconds from each end of a session or attempt to the next attempt. */
  function waits(line: UplinkHarness): number[] {
    const ends = line.log.filter(({ what }) => what === "close" || what === "closed");
    return ends.flatMap(({ time }, i) => {
      const next = line.of("open")[i + 1];
      return next === undefined ? [] : [next.time - time];
    });
  }
  const longest = (attempt: number) => Math.min(backoff.max, 8 * backoff.min * 2 ** attempt);

  test("grows within its bounds, and not by the same amounts on every board", () => {
    const all = [1, 2, 3].map((seed) => {
      const line = new UplinkHarness(1, {}, { seed });
      line.broker(0).kill();
      line.uplink.start();
      line.clock.advance(60_000);
      return waits(line);
    });
    for (const one of all) {
      expect(one.length).toBeGreaterThan(12);
      for (const [attempt, wait] of one.entries()) {
        expect(wait).toBeGreaterThanOrEqual(backoff.min);
        expect(wait).toBeLessThan(longest(attempt));
      }
      expect(Math.max(...one)).toBeGreaterThan(longest(0));
    }
    expect(new Set(all.map((one) => one.join()))).toHaveProperty("size", 3);
  });

  test("a broker that takes connections and acknowledges nothing does not make it short again", () => {
    const seen = [1, 2, 3, 4].flatMap((seed) => {
      const line = new UplinkHarness(1, { timeout: 100 }, { frames: 1, seed });
      line.broker(0).mute = true;
      line.uplink.start();
      line.clock.advance(60_000);
      return waits(line).slice(2);
    });
    expect(seen.length).toBeGreaterThan(30);
    // Of waits that all were as short as the first ones may be, none would be longer.
    expect(seen.filter((wait) => wait > longest(0)).length).toBeGreaterThan(seen.length / 3);
  });

  test.each([1, 2, 3, 4, 5, 6])("an acknowledgement does (board %i)", (seed) => {
    const line = new UplinkHarness(1, { timeout: 100 }, { frames: 1, seed });
    line.broker(0).mute = true;
    line.uplink.start();
    line.clock.advance(30_000);
    line.broker(0).mute = false;
    line.clock.advance(10_000);
    expect(line.journal.pending).toBe(0);
    const before = waits(line).length;
    line.broker(0).kill();
    line.clock.advance(backoff.max);
    expect(waits(line)[before]).toBeGreaterThanOrEqual(backoff.min);
    expect(waits(line)[before]).toBeLessThan(longest(0));
  });
});

test("the acknowledgement of a status does not: it says nothing of frames", () => {
  const line = new UplinkHarness(1, {}, { frames: 1 });
  line.unsubscribe(0);
  line.onOpened = () => void line.uplink.publish(STATUS_ID, "s", Uint8Array.of(1), true);
  line.uplink.start();
  line.clock.advance(60_000);
  const opened = line.of("opened").map(({ time }) => time);
  const pauses = opened.slice(3).map((time, i) => time - (opened[i + 2] as number));
  expect(line.of("status").length).toBeGreaterThan(10);
  expect(pauses.filter((pause) => pause > 8 * backoff.min + 100).length).toBeGreaterThan(pauses.length / 3);
});

describe("a fleet that lost a broker", () => {
  /** How long each of `boards` waits after its session broke, the shortest wait first. */
  function waits(boards: number, isServed: boolean): number[] {
    const delays: number[] = [];
    const clock = {
      uptime: () => 0,
      wall: () => ({ state: 0 as const, unix: 0 }),
      setTimer: (_: () => void, delay: number) => delays.push(delay),
      clearTimer() {},
    };
    const link: Link = { name: "b", open() {}, publish() {}, close() {} };
    const owner: SessionOwner = {
      isServed,
      sessionReady() {},
      sessionOpened() {},
      sessionAcknowledged() {},
      sessionProven() {},
      sessionClosed() {},
    };
    const all = Array.from({ length: boards }, (_, board) => {
      const session = new Session(0, link, clock, seededRandom(board + 1), CONFIG, owner);
      session.start();
      session.open();
      session.opened();
      session.closed("killed");
      return delays.at(-1) as number;
    });
    return all.sort((a, b) => a - b);
  }

  /** The most of `sorted` that lie within any second. */
  function mostInASecond(sorted: readonly number[]): number {
    let most = 0;
    for (let from = 0, to = 0; to < sorted.length; to++) {
      while ((sorted[to] as number) - (sorted[from] as number) >= 1000) from++;
      most = Math.max(most, to - from + 1);
    }
    return most;
  }

  const BOARDS = runs(10_000, 2500);

  test("and has others comes back over the whole span: at most a quarter in any second", () => {
    const all = waits(BOARDS, true);
    expect(mostInASecond(all)).toBeLessThanOrEqual(BOARDS / 4);
    expect(all[0]).toBeGreaterThanOrEqual(backoff.min);
    expect(all.at(-1)).toBeLessThan(backoff.max);
    expect(all.at(-1)).toBeGreaterThan(0.99 * backoff.max);
  });

  test("and has no other comes back sooner, yet not within one second", () => {
    const all = waits(BOARDS, false);
    expect(mostInASecond(all)).toBeLessThanOrEqual(0.6 * BOARDS);
    expect(all.at(-1)).toBeLessThan(8 * backoff.min);
  });

  test.each([
    { name: "one of several: whenever, while others serve", brokers: 3, longest: backoff.max },
    { name: "its only one: within the first span", brokers: 1, longest: 8 * backoff.min },
  ])("a board whose broker was killed tries it again: $name", ({ brokers, longest }) => {
    const seen = Array.from({ length: 20 }, (_, i) => {
      const line = new UplinkHarness(brokers, { copies: 2 }, { seed: i + 1 });
      line.uplink.start();
      line.clock.advance(1000);
      line.broker(0).kill();
      line.clock.advance(backoff.max);
      return (line.of("open", "b0")[1]?.time ?? Number.POSITIVE_INFINITY) - 1000;
    });
    expect(Math.max(...seen)).toBeLessThanOrEqual(longest);
    expect(Math.max(...seen)).toBeGreaterThan(0.8 * longest);
    expect(Math.min(...seen)).toBeGreaterThanOrEqual(backoff.min);
  });
});
