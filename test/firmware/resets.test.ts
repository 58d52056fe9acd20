import { expect, test } from "@jest/globals";
import { countReset, RESET_REASONS } from "../../firmware/resets.js";

function memoryStore() {
  const values = new Map<string, Uint8Array>();
  return {
    get: (key: string) => values.get(key)?.slice(),
    set: (key: string, value: Uint8Array) => void values.set(key, value.slice()),
    delete: (key: string) => void values.delete(key),
  };
}

test("counts every reason by itself, over boots", () => {
  const store = memoryStore();
  expect(countReset(store, "power-on")).toEqual({ resets: { "power-on": 1 } });
  expect(countReset(store, "brown-out")).toEqual({ resets: { "power-on": 1, "brown-out": 1 } });
  for (let i = 0; i < 1000; i++) countReset(store, "watchdog");
  expect(countReset(store, "brown-out")).toEqual({
    resets: { "power-on": 1, "brown-out": 2, watchdog: 1000 },
  });
  for (const reason of RESET_REASONS) expect(countReset(store, reason).resets[reason]).toBeGreaterThan(0);
});

test.each([
  ["cut off", [0x89, 0x01]],
  ["something else", [0x61, 0x61]],
  ["empty", []],
  ["followed by a byte", [0x81, 0x01, 0x00]],
  ["with a count below 0", [0x81, 0x20]],
])("a record that is %s starts over, and says so once", (_, bytes) => {
  const store = memoryStore();
  store.set("resets", Uint8Array.from(bytes));
  expect(countReset(store, "panic")).toEqual({
    resets: { panic: 1 },
    damaged: Buffer.from(bytes).toString("hex"),
  });
  expect(countReset(store, "panic")).toEqual({ resets: { panic: 2 } });
});

test("a shorter record, of firmware that knew fewer reasons, is read on", () => {
  const store = memoryStore();
  store.set("resets", Uint8Array.of(0x82, 0x00, 0x05));
  expect(countReset(store, "killed")).toEqual({ resets: { "power-on": 5, killed: 1 } });
});

test("a longer one, of firmware that knew more, is read as far as it is known", () => {
  const store = memoryStore();
  const more = RESET_REASONS.length + 1;
  store.set("resets", Uint8Array.from([0x80 + more, ...new Array(more).fill(1)]));
  const { resets, damaged } = countReset(store, "power-on");
  expect([Object.keys(resets).length, resets["power-on"], damaged]).toEqual([more - 1, 2, undefined]);
});
