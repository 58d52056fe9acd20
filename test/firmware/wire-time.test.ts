import { expect, test } from "@jest/globals";
import type { ResetReason } from "../../firmware/resets.js";
import { WireTime } from "../../firmware/wire-time.js";
import { createMemoryKeyValue } from "../../node/ports/key-value.js";

const MINUTE = 60_000;

test("the wire's ten minutes count from power-up, over all starts after it", () => {
  const store = createMemoryKeyValue();
  const boot = (reset: ResetReason) => new WireTime(store, reset);
  const first = boot("power-on");
  expect(first.left).toBe(10 * MINUTE);
  first.keep(4 * MINUTE);
  const second = boot("software");
  expect([second.left, second.whole]).toEqual([4 * MINUTE, 10 * MINUTE]);
  second.keep(MINUTE);
  expect(boot("software").left).toBe(MINUTE);
  expect(boot("software").left).toBe(0); // it was closed before this start, or wrote nothing down
  boot("software").keep(0);
  expect(boot("software").left).toBe(0);
  expect(boot("power-on").left).toBe(10 * MINUTE);
});

test("nothing is left after a start that nobody meant, and nobody can write down more than the whole", () => {
  const store = createMemoryKeyValue();
  new WireTime(store, "power-on").keep(9 * MINUTE);
  expect(new WireTime(store, "panic").left).toBe(9 * MINUTE); // it came before the start that was meant
  for (const reset of ["panic", "watchdog", "brown-out", "deep-sleep"] as const)
    expect(new WireTime(store, reset).left).toBe(0);
  new WireTime(store, "power-on").keep(99 * MINUTE);
  expect(new WireTime(store, "software").left).toBe(10 * MINUTE);
  store.set("wire", Uint8Array.of(0x60));
  expect(new WireTime(store, "software").left).toBe(0);
});
