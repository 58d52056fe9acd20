import { expect, jest, test } from "@jest/globals";
import { type RetentionParts, retain, sweep } from "../../../node/witness/retention.js";

const DAY = 86_400;
const TODAY = Math.floor(Date.now() / 1000 / DAY);

/** A store of days, each of 100 bytes and 10 frames. */
function storeOf(days: number[]) {
  const swept: number[] = [];
  const store = {
    get bytes() {
      return 100 * days.length;
    },
    firstDay: () => (days[0] === undefined ? undefined : days[0] * DAY),
    async sweep(before: number) {
      swept.push(before);
      const old = days.filter((day) => (day + 1) * DAY <= before);
      days.splice(0, old.length);
      return 10 * old.length;
    },
  };
  return { store, swept };
}

function parts(store: RetentionParts["store"], rest: Partial<RetentionParts> = {}) {
  const told: number[] = [];
  const all: RetentionParts = {
    ...{ store, needed: () => (TODAY + 1) * DAY },
    async forget() {},
    swept: (frames) => told.push(frames),
    failed(error) {
      throw error;
    },
    ...rest,
  };
  return { all, told };
}

const last = (count: number) => Array.from({ length: count }, (_, n) => TODAY - count + 1 + n);

test("days that are older than the age are removed, and it is told once", async () => {
  const days = last(10);
  const { all, told } = parts(storeOf(days).store, { age: 3 * DAY });
  await sweep(all);
  expect(days).toEqual(last(4));
  expect(told).toEqual([60]);
  await sweep(all);
  expect(told).toEqual([60]);
});

test("the first days are removed until the store has its size", async () => {
  const days = last(10);
  const { all, told } = parts(storeOf(days).store, { size: 350 });
  await sweep(all);
  expect(days).toEqual(last(3));
  expect(told).toEqual([70]);
});

test("nothing that inventories still need is removed, whatever age and size are", async () => {
  const days = last(10);
  const needed = () => (TODAY - 5) * DAY;
  await sweep(parts(storeOf(days).store, { age: DAY, size: 1, needed }).all);
  expect(days).toEqual(last(6));
});

test("what else is of those days goes with them", async () => {
  const forgotten: number[] = [];
  const forget = async (before: number) => void forgotten.push(before);
  await sweep(parts(storeOf(last(10)).store, { age: 3 * DAY, size: 250, forget }).all);
  expect(forgotten).toEqual([TODAY - 3, TODAY - 2, TODAY - 1].map((day) => day * DAY));
});

test("a store that does not become smaller is not swept on and on", async () => {
  const { store, swept } = storeOf(last(10));
  const stubborn = { ...store, bytes: 1000, firstDay: store.firstDay };
  await sweep(parts(stubborn, { size: 1 }).all);
  expect(swept.length).toBe(1);
});

test("an empty store that is too large is let be", async () => {
  const { store } = storeOf([]);
  const { all, told } = parts({ ...store, bytes: 1000 }, { size: 1 });
  await sweep(all);
  expect(told).toEqual([]);
});

test("it looks at once, then every ten minutes, not while it is busy, until it is ended", async () => {
  jest.useFakeTimers();
  try {
    let looks = 0;
    let end = () => {};
    const { store } = storeOf([]);
    const slow = {
      ...store,
      bytes: 0,
      sweep: () => {
        looks++;
        return new Promise<number>((resolve) => {
          end = () => resolve(0);
        });
      },
    };
    const stop = retain(parts(slow, { age: DAY }).all);
    expect(looks).toBe(1);
    await jest.advanceTimersByTimeAsync(1_200_000);
    expect(looks).toBe(1);
    end();
    await jest.advanceTimersByTimeAsync(600_000);
    expect(looks).toBe(2);
    end();
    stop();
    await jest.advanceTimersByTimeAsync(1_200_000);
    expect(looks).toBe(2);
  } finally {
    jest.useRealTimers();
  }
});

test("a failure is told, and it looks again", async () => {
  jest.useFakeTimers();
  try {
    const failures: string[] = [];
    const { store } = storeOf([]);
    const broken = { ...store, bytes: 0, sweep: () => Promise.reject(new Error("the disk is gone")) };
    const stop = retain(parts(broken, { age: DAY, failed: ({ message }) => failures.push(message) }).all);
    await jest.advanceTimersByTimeAsync(600_000);
    expect(failures).toEqual(["the disk is gone", "the disk is gone"]);
    stop();
  } finally {
    jest.useRealTimers();
  }
});

test("without age and size it never looks", () => {
  const { store, swept } = storeOf(last(3));
  retain(parts(store).all)();
  expect(swept).toEqual([]);
});
