import { expect, test } from "@jest/globals";
import { Batch } from "../../agent/batch.js";

test("keeps what was added, by channel, and forgets it all at once", () => {
  const batch = new Batch(3);
  expect([batch.count, batch.full, batch.latest()]).toEqual([0, false, 0]);
  batch.add(255, -40, 5000);
  batch.add(0, 2 ** 53 - 1, 2 ** 40);
  batch.add(7, 0, 6000);
  expect([batch.count, batch.full]).toEqual([3, true]);
  expect([0, 1, 2].map((i) => [batch.channel(i), batch.mantissa(i), batch.time(i)])).toEqual([
    [0, 2 ** 53 - 1, 2 ** 40],
    [7, 0, 6000],
    [255, -40, 5000],
  ]);
  expect(batch.latest()).toBe(2 ** 40);
  batch.clear();
  expect([batch.count, batch.full, batch.latest()]).toEqual([0, false, 0]);
});

test("the latest of a channel comes first", () => {
  const batch = new Batch(6);
  for (const time of [1000, 2000, 3000])
    for (const channel of [1, 0]) batch.add(channel, time + channel, time);
  expect([0, 1, 2, 3, 4, 5].map((i) => batch.mantissa(i))).toEqual([3000, 2000, 1000, 3001, 2001, 1001]);
});

test("refuses more than its capacity", () => {
  const batch = new Batch(1);
  batch.add(0, 1, 0);
  expect(() => batch.add(0, 2, 0)).toThrow(new RangeError("a batch of 1 readings is full"));
  expect(batch.mantissa(0)).toBe(1);
});
