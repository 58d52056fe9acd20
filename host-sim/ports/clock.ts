import { CLOCK_SET, type ClockState } from "../../agent/frame/chain.js";
import type { Clock, Timer } from "../../agent/ports/clock.js";

/** The longest delay that setTimeout takes; it makes longer ones 1 ms. */
const MAX_DELAY = 2 ** 31 - 1;

class SystemTimer {
  handle: NodeJS.Timeout | undefined;
}

/** This machine's clock. A boot begins when it is made. `state`: what the board believes of the time of day. */
export function createSystemClock(state: ClockState = CLOCK_SET): Clock {
  const start = performance.now();
  const uptime = () => performance.now() - start;
  return {
    uptime,
    wall: () => ({ state, unix: Date.now() }),
    setTimer(callback, delay) {
      const timer = new SystemTimer();
      const due = uptime() + delay;
      const wait = () => {
        timer.handle = setTimeout(fire, Math.min(Math.ceil(due - uptime()), MAX_DELAY));
      };
      // Node counts whole milliseconds and may be a fraction of one early.
      const fire = () => (uptime() < due ? wait() : callback());
      wait();
      return timer;
    },
    clearTimer(timer: Timer) {
      if (timer instanceof SystemTimer) clearTimeout(timer.handle);
    },
  };
}
