import { expect, test } from "@jest/globals";
import { checkMachine } from "../../node/provision/doctor.js";
import { checkClock, clockTrouble } from "../../provision/clock.js";

test.each([
  [0, "this machine's clock says 1970-01-01 00:00 UTC, which is before this version of Fieldmark was made"],
  [Date.UTC(2025, 11, 31), "2025-12-31 00:00 UTC, which is before"],
  [Date.UTC(2036, 1, 7, 6, 28), "2036-02-07 06:28 UTC, years after this version of Fieldmark was made"],
  [Number.NaN, "NaN"],
  [9e15, "9000000000000000, years after"],
])("a machine's clock at %d is told so", (now, says) => {
  expect(clockTrouble(now)).toContain(says);
  expect(() => checkClock(now, "enrol")).toThrow(says);
  expect(() => checkClock(now, "enrol")).toThrow(
    expect.objectContaining({ code: "clock-wrong", step: "enrol" }),
  );
  expect(checkMachine(now, {}).find(({ name }) => name === "clock")).toMatchObject({ state: "bad" });
});

test.each([Date.UTC(2026, 5, 1), Date.UTC(2030, 5, 1)])("one at %d may be right", (now) => {
  expect(clockTrouble(now)).toBeUndefined();
  expect(() => checkClock(now, "enrol")).not.toThrow();
  expect(checkMachine(now, {}).find(({ name }) => name === "clock")).toMatchObject({ state: "good" });
});
