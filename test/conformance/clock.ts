import { describe, expect, test } from "@jest/globals";
import type { Clock } from "../../agent/ports/clock.js";

/** What agent/ports/clock.ts promises. Nothing here depends on how fast the machine is. */
export function describeClock(name: string, make: () => Clock): void {
  describe(`clock: ${name}`, () => {
    const elapse = (clock: Clock, delay: number) =>
      new Promise<void>((resolve) => {
        clock.setTimer(resolve, delay);
      });

    test("uptime counts from this boot and never goes back", async () => {
      const clock = make();
      let last = clock.uptime();
      expect(last).toBeGreaterThanOrEqual(0);
      for (let i = 0; i < 1000; i++) {
        const now = clock.uptime();
        expect(now).toBeGreaterThanOrEqual(last);
        last = now;
      }
      await elapse(clock, 2);
      expect(clock.uptime()).toBeGreaterThan(last);
    });

    test("a boot later has an uptime of its own", async () => {
      const first = make();
      await elapse(first, 5);
      const second = make();
      expect(second.uptime()).toBeLessThan(first.uptime());
    });

    test("the wall clock has a state and, where it is set, Unix milliseconds", () => {
      const { state, unix } = make().wall();
      expect([0, 1, 2]).toContain(state);
      if (state !== 0) expect(unix).toBeGreaterThan(2 ** 28 * 1000);
    });

    test("a timer calls back once, not before its time", async () => {
      const clock = make();
      const early: number[] = [];
      const fired = [0, 1, 2.5, 7, 10].map((delay) => {
        const due = clock.uptime() + delay;
        return new Promise<void>((resolve) => {
          clock.setTimer(() => {
            early.push(due - clock.uptime());
            resolve();
          }, delay);
        });
      });
      await Promise.all(fired);
      await elapse(clock, 20);
      expect(early).toHaveLength(5);
      expect(Math.max(...early)).toBeLessThanOrEqual(0);
    });

    test("no timer is early by a fraction of a millisecond", async () => {
      const clock = make();
      let early = 0;
      for (let i = 0; i < 150; i++) {
        // From any phase of the host's own tick.
        for (const start = clock.uptime() + (i % 10) / 10; clock.uptime() < start; );
        const due = clock.uptime() + 1 + (i % 3);
        await elapse(clock, 1 + (i % 3));
        if (clock.uptime() < due) early++;
      }
      expect(early).toBe(0);
    });

    test("a timer never calls back before setTimer returns", async () => {
      const clock = make();
      let called = false;
      const fired = new Promise<void>((resolve) => {
        clock.setTimer(() => {
          called = true;
          resolve();
        }, 0);
      });
      expect(called).toBe(false);
      await fired;
    });

    test("a timer that was cleared does not call back, and others do", async () => {
      const clock = make();
      let called = false;
      const cleared = clock.setTimer(() => {
        called = true;
      }, 5);
      const kept = elapse(clock, 5);
      clock.clearTimer(cleared);
      clock.clearTimer(cleared);
      await kept;
      await elapse(clock, 20);
      expect(called).toBe(false);
    });

    test("clearing a timer that has fired does nothing, in its own callback neither", async () => {
      const clock = make();
      let calls = 0;
      await new Promise<void>((resolve) => {
        const timer = clock.setTimer(() => {
          calls++;
          clock.clearTimer(timer);
          resolve();
        }, 1);
      });
      const timer = clock.setTimer(() => calls++, 1);
      await elapse(clock, 20);
      clock.clearTimer(timer);
      expect(calls).toBe(2);
    });

    test("a callback can set the next timer", async () => {
      const clock = make();
      let calls = 0;
      await new Promise<void>((resolve) => {
        const again = () => {
          if (++calls === 3) resolve();
          else clock.setTimer(again, 1);
        };
        clock.setTimer(again, 1);
      });
      expect(calls).toBe(3);
    });

    test("a timer of 60 days does not fire at once", async () => {
      const clock = make();
      let called = false;
      const timer = clock.setTimer(
        () => {
          called = true;
        },
        60 * 24 * 3600 * 1000,
      );
      await elapse(clock, 20);
      clock.clearTimer(timer);
      expect(called).toBe(false);
    });
  });
}
