import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "@jest/globals";
import { readBootRecord } from "../../agent/boot-record.js";
import { createIdentities, lockIdentities, runNetwork } from "../../host-sim/identities.js";

const folder = mkdtempSync(join(tmpdir(), "fieldmark-identities-"));
afterAll(() => rmSync(folder, { recursive: true }));

const keys = (options: { seed?: string; state?: string }) =>
  createIdentities(2, options).map(
    ({ name, publicKey }) => `${name} ${Buffer.from(publicKey).toString("hex")}`,
  );

describe("a board's key", () => {
  test("is the seed's, board by board", () => {
    expect(keys({ seed: "a" })).toEqual(keys({ seed: "a" }));
    expect(new Set([...keys({ seed: "a" }), ...keys({ seed: "b" }), ...keys({})]).size).toBe(6);
    expect(runNetwork("a")).toBe(runNetwork("a"));
  });

  test("is the state folder's, from run to run", () => {
    const state = join(folder, "kept");
    expect(keys({ state })).toEqual(keys({ state }));
  });
});

test("a seeded board counts boots from the time of day, in 5 bytes", () => {
  const [board] = createIdentities(1, { seed: "a" });
  const now = Math.floor(Date.now() / 1000);
  const { boot } = readBootRecord((board as { store: Parameters<typeof readBootRecord>[0] }).store);
  expect(boot).toBeGreaterThanOrEqual(now);
  expect(boot).toBeLessThan(2 ** 32);
});

describe("a state folder is one run's", () => {
  test("the second is refused until the first gives it back", () => {
    const state = join(folder, "deep", "locked");
    const release = lockIdentities({ state });
    expect(statSync(state).mode & 0o777).toBe(0o700);
    expect(() => lockIdentities({ state })).toThrow(RangeError);
    expect(() => lockIdentities({ state })).toThrow(state);
    expect(() => lockIdentities({ state })).toThrow(String(process.pid));
    release();
    lockIdentities({ state })();
    expect(readdirSync(state)).toEqual([]);
  });

  test("boards of this run only need none", () => {
    const release = lockIdentities({});
    lockIdentities({ seed: "a" })();
    release();
  });
});
