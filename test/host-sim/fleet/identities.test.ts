import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "@jest/globals";
import { readBootRecord, writeBootRecord } from "../../../agent/boot-record.js";
import { kidOfKey } from "../../../agent/cose/kid.js";
import { InputError } from "../../../agent/input-error.js";
import {
  createIdentities,
  type Identity,
  lockIdentities,
  runNetwork,
} from "../../../host-sim/fleet/identities.js";
import { hasher } from "../../../node/ports/signer.js";

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

describe("a new identity beside what an old one left", () => {
  const RECORD = Uint8Array.of(0x83, 1, 0, 0);

  test("a key that is gone beside a boot counter, or a journal: refused, and nothing is made", () => {
    for (const [name, left, bytes] of [
      ["counted", "boot", RECORD],
      ["given", "boot", Uint8Array.of(5)],
      ["journal", "journal.flash", Uint8Array.of(0xff, 0)],
    ] as const) {
      const state = join(folder, name);
      keys({ state });
      const board = join(state, "board-0002");
      rmSync(join(board, "key"));
      writeFileSync(join(board, left), bytes);
      expect(() => keys({ state })).toThrow(
        `${board}: the board's key is missing, and its boot counter or journal is there. Put the file "key" back; or delete the folder`,
      );
      expect(existsSync(join(board, "key"))).toBe(false);
    }
  });

  test("an empty journal is nothing that is left", () => {
    const state = join(folder, "blank");
    keys({ state });
    rmSync(join(state, "board-0002", "key"));
    writeFileSync(join(state, "board-0002", "journal.flash"), Uint8Array.of(0xff, 0xff));
    expect(keys({ state })).toHaveLength(2);
  });

  test("a key that is another's: refused; the one that the counter is of: taken, from its seed too", () => {
    const state = join(folder, "replaced");
    const [, board] = createIdentities(2, { state, seed: "a" });
    const { store, publicKey } = board as Identity;
    writeBootRecord(store, 3, { serial: 0, offset: 0 }, kidOfKey(publicKey, hasher));
    store.delete("key");
    expect(keys({ state, seed: "a" })).toEqual(keys({ state, seed: "a" }));
    store.set("key", new Uint8Array(32).fill(3));
    expect(() => keys({ state })).toThrow(
      "the key is not the one that its boot counter and journal belong to",
    );
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
    expect(() => lockIdentities({ state })).toThrow(InputError);
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
