import { expect, test } from "@jest/globals";
import { createSystemClock } from "../../node/ports/clock.js";
import { describeClock } from "./clock.js";

describeClock("system", () => createSystemClock());

test.each([0, 1, 2] as const)("the system clock says the state %i that it was given", (state) => {
  expect(createSystemClock(state).wall().state).toBe(state);
});

test("the system clock is set where nothing else is said, and shows this machine's time", () => {
  const before = Date.now();
  const { state, unix } = createSystemClock().wall();
  expect(state).toBe(2);
  expect(unix).toBeGreaterThanOrEqual(before);
  expect(unix).toBeLessThanOrEqual(Date.now());
});
