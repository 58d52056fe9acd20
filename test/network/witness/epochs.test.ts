import { expect, test } from "@jest/globals";
import { digestOf } from "../../../network/bytes.js";
import { readBody } from "../../../network/inventory/body.js";
import type { GuardState } from "../../../network/ports/guard.js";
import { domainSeparator, NO_CHAIN } from "../../../network/statement/domain.js";
import { inventoryDigest } from "../../../network/statement/statements.js";
import { readEntry } from "../../../network/witness/entries.js";
import { Epochs } from "../../../network/witness/epochs.js";
import { hasher } from "../../../node/ports/signer.js";
import { createStatementSigner, statementChecker } from "../../../node/ports/statement-keys.js";
import { VIRTUAL_EPOCH, VirtualClock } from "../../support/virtual-clock.js";
import { keptFrame, memoryInventories } from "./stores.js";

const HOUR = 3600;
/** The epoch that is open when a virtual clock starts, and the milliseconds to its end. */
const OPEN = Math.floor(VIRTUAL_EPOCH / 1000 / HOUR);
const TO_CLOSE = 1000 * HOUR * (OPEN + 1) - VIRTUAL_EPOCH;
const domain = domainSeparator(NO_CHAIN);
const signer = createStatementSigner(new Uint8Array(32).fill(7));

/** Who signs, with everything that it does written down in its order. */
function signing(guard: GuardState | undefined, { window = 2, clock = new VirtualClock() } = {}) {
  const said: string[] = [];
  const entries: Uint8Array[] = [];
  const state = { guard, isBroken: false, failure: undefined as Error | undefined };
  const dated: [number, number][] = [];
  const epochs = new Epochs({
    ...{ network: "demo", clock, seconds: HOUR, window, hasher, domain },
    store: {
      *dated(from, until) {
        dated.push([from, until]);
        yield keptFrame(1, 0);
      },
    },
    inventories: memoryInventories(),
    guard: {
      read: () => state.guard,
      write(next) {
        if (state.isBroken) throw new Error("the disk is gone");
        state.guard = next;
        said.push(`guard ${next.inventory - OPEN}`);
      },
    },
    signer: {
      publicKey: signer.publicKey,
      sign(digest) {
        said.push("sign");
        return signer.sign(digest);
      },
    },
    log: {
      append(more) {
        said.push("append");
        return entries.push(...more);
      },
    },
    signed: (epoch) => said.push(`signed ${epoch - OPEN}`),
    failed(error) {
      state.failure = error;
    },
  });
  /** Moves on, and lets the work that begins then end. */
  async function advance(ms: number): Promise<string[]> {
    clock.advance(ms);
    await new Promise(setImmediate);
    return said.splice(0);
  }
  return { epochs, clock, state, dated, entries, advance };
}

const signedIs = (epoch: number) => [`guard ${epoch}`, "sign", "append", `signed ${epoch}`];

test("an inventory is signed once an epoch, 30 s after its close, and the guard is written before", async () => {
  const { advance, epochs } = signing({ inventory: OPEN - 1 });
  expect(epochs.epoch).toBe(OPEN);
  expect(await advance(TO_CLOSE + 29_000)).toEqual([]);
  expect(await advance(2000)).toEqual(signedIs(0));
  expect(await advance(1000 * HOUR - 10_000)).toEqual([]);
  expect(await advance(10_000)).toEqual(signedIs(1));
});

test("what is signed has the frames of the window, and the signature is over it", async () => {
  const { advance, entries, dated } = signing({ inventory: OPEN - 1 }, { window: 3 });
  await advance(TO_CLOSE + 31_000);
  expect(dated).toEqual([[HOUR * (OPEN - 2), HOUR * (OPEN + 1) - 1]]);
  const entry = readEntry(entries[0] as Uint8Array);
  if (entry?.kind !== "inventory") throw new Error("that is no inventory");
  expect(readBody(entry.body)).toMatchObject({
    frames: 1,
    from: HOUR * (OPEN - 2),
    until: HOUR * (OPEN + 1),
  });
  const digest = inventoryDigest(domain, {
    ...{ network: "demo", epoch: OPEN, body: digestOf(entry.body, hasher) },
  });
  expect(statementChecker.recover(entry.signature, digest)).toEqual(signer.publicKey);
});

test("without a guard nothing is signed for the epoch that is now, and that is kept in mind", async () => {
  const { advance, state } = signing(undefined);
  expect(state.guard).toEqual({ inventory: OPEN });
  await advance(0);
  expect(await advance(TO_CLOSE + 31_000)).toEqual([]);
  expect(await advance(1000 * HOUR)).toEqual(signedIs(1));
});

test("where the guard cannot be written nothing is signed, and it is tried again", async () => {
  const { advance, state, entries } = signing({ inventory: OPEN - 1 });
  state.isBroken = true;
  expect(await advance(TO_CLOSE + 31_000)).toEqual([]);
  expect(state.failure?.message).toBe("the disk is gone");
  expect(entries).toEqual([]);
  state.isBroken = false;
  expect(await advance(10_000)).toEqual(signedIs(0));
});

test("a clock that is put back signs no epoch again", async () => {
  const { advance, clock } = signing({ inventory: OPEN - 1 });
  expect(await advance(TO_CLOSE + 31_000)).toEqual(signedIs(0));
  clock.epoch -= 5000 * HOUR;
  expect(await advance(3000 * HOUR)).toEqual([]);
  clock.epoch += 5000 * HOUR;
  expect(await advance(1000)).toEqual(signedIs(3));
});

test("a clock that is put forward skips epochs: the one that closed last has an inventory", async () => {
  const { advance, clock } = signing({ inventory: OPEN - 1 });
  clock.epoch += TO_CLOSE + 31_000 + 4000 * HOUR;
  expect(await advance(1000)).toEqual(signedIs(4));
  expect(await advance(60_000)).toEqual([]);
});

test("once closed it signs nothing, also where an inventory was being made", async () => {
  const first = signing({ inventory: OPEN - 1 });
  first.epochs.close();
  expect(await first.advance(TO_CLOSE + 31_000)).toEqual([]);
  expect(first.clock.pending).toBe(0);
  const second = signing({ inventory: OPEN - 1 });
  second.clock.advance(TO_CLOSE + 31_000);
  second.epochs.close();
  expect(await second.advance(0)).toEqual([]);
});
