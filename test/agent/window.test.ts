import { describe, expect, test } from "@jest/globals";
import { countBits, Window } from "../../agent/uplink/window.js";

describe("the window", () => {
  test("is made of free places", () => {
    const window = new Window(3);
    expect([window.size, [0, 1, 2].map((place) => window.id(place))]).toEqual([3, [-1, -1, -1]]);
    expect([window.find(0), window.find(-1)]).toEqual([-1, 0]);
  });

  test("finds a frame where it was put, and a free place beside it", () => {
    const window = new Window(3);
    window.put(0, 0, 0, 0);
    window.put(2, 2 ** 32 - 2, 0, 0);
    expect([window.find(0), window.find(2 ** 32 - 2), window.find(1), window.find(-1)]).toEqual([
      0, 2, -1, 1,
    ]);
    window.free(0);
    expect([window.find(0), window.find(-1), window.id(2)]).toEqual([-1, 0, 2 ** 32 - 2]);
  });

  test("a place that is used again knows nothing of the frame before", () => {
    const window = new Window(1);
    window.put(0, 5, 0, 0);
    window.sent(0, 0b11);
    window.acked(0, 1, 7);
    window.free(0);
    window.put(0, 6, 0, 0);
    expect([window.sentTo(0), window.ackedBy(0)]).toEqual([0, 0]);
  });

  test("brokers that have a frame add up, each once", () => {
    const window = new Window(2);
    window.put(0, 5, 0, 0);
    window.put(1, 6, 0, 0);
    for (const broker of [0, 3, 3, 29]) window.acked(0, broker, 7);
    expect([window.ackedBy(0), countBits(window.ackedBy(0)), window.ackedBy(1)]).toEqual([2 ** 29 + 9, 3, 0]);
  });

  test("what a broker was sent is forgotten in all places, and what it acknowledged; of others nothing is", () => {
    const window = new Window(3);
    for (const place of [0, 2]) {
      window.put(place, 10 + place, 0, 0);
      window.sent(place, 0b110);
      window.acked(place, 1, 7);
      window.acked(place, 2, 7);
    }
    window.forget(1);
    for (const place of [0, 2])
      expect([window.id(place), window.sentTo(place), window.ackedBy(place)]).toEqual([
        10 + place,
        0b100,
        0b100,
      ]);
    expect(window.id(1)).toBe(-1);
  });
});

test.each([
  [0, 0],
  [1, 1],
  [0b1011, 3],
  [2 ** 29, 1],
  [2 ** 30 - 1, 30],
])("%i has %i bits", (bits, count) => {
  expect(countBits(bits)).toBe(count);
});
