import { beforeEach, describe, expect, test } from "@jest/globals";
import { kidOfKey } from "../../../agent/cose/kid.js";
import { writeSign1 } from "../../../agent/cose/sign1.js";
import type { KeyValue } from "../../../agent/ports/key-value.js";
import { COMMAND_TYPE, type Command, MOST_AHEAD, writeCommand } from "../../../agent/provision/command.js";
import {
  AN_ORDER,
  type CommandOutcome,
  forgetOrders,
  NO_ORDER,
  Obedience,
  OWNERS_ORDER,
} from "../../../agent/provision/obedience.js";
import { forgetOwner, ownershipOf, setOwner } from "../../../agent/provision/owner.js";
import { readOutcome } from "../../../agent/provision/read-outcome.js";
import { random } from "../../../node/ports/random.js";
import { createSigner, signatureChecker } from "../../../node/ports/signer.js";
import { RecordedHost } from "./recorded-host.js";

const owner = createSigner(new Uint8Array(32).fill(3));
const stranger = createSigner(new Uint8Array(32).fill(4));

let host: RecordedHost;
let commands: Obedience;
beforeEach(() => {
  host = new RecordedHost();
  setOwner(host.store, owner.publicKey, random);
  commands = obedience();
});

/** Unix seconds by the board's clock. */
const NOW = 1_795_000_000;
const clockAt = (seconds: number, state: 0 | 2 = 2) => ({ wall: () => ({ state, unix: 1000 * seconds }) });

const signer = () => ({ ...host.signer, verify: signatureChecker.verify });

function obedience(given: Partial<ConstructorParameters<typeof Obedience>[0]> = {}): Obedience {
  return new Obedience({ signer: signer(), store: host.store, host, boot: 5, clock: clockAt(NOW), ...given });
}

const outcomeOf = (message: Uint8Array, by = commands): CommandOutcome => by.received(message).outcome;
const hashOf = (message: Uint8Array) => commands.hash(message);

function command(given: Partial<Command> = {}, by = owner): Uint8Array {
  const { kid } = host.identity;
  const ownership = ownershipOf(host.store);
  const rest = { counter: 1, until: NOW + 60, verb: "settings", body: '{"age":5000}' } as const;
  return writeCommand({ network: "demo", kid, ownership, ...rest, ...given }, by);
}

test("settings that the owner signed are stored, and the board has to start again", () => {
  const answer = commands.received(command());
  expect(answer.outcome).toEqual({ type: "on-trial", counter: 1, verb: "settings" });
  expect(answer.restarts).toBe(true);
  expect(host.configuration.stored).toEqual({ age: 5000 });
  expect(host.calls).toEqual(["configure"]);
});

describe("what is said of an order", () => {
  const read = (document: Uint8Array | undefined) => readOutcome(document as Uint8Array, signatureChecker);

  test("names it by its hash, and is signed by the board's key", () => {
    const order = command();
    expect(read(commands.received(order).document)).toEqual({
      network: "demo",
      kid: host.identity.kid,
      publicKey: host.signer.publicKey,
      order: hashOf(order),
      boot: 5,
      outcome: "on-trial",
      reason: "",
      owner: kidOfKey(owner.publicKey, owner),
      ownership: ownershipOf(host.store),
      last: 1,
      signed: { counter: 1, verb: "settings" },
    });
  });

  test("has the reason where it refuses, and no value that it was given", () => {
    const body = '{"brokers":[{"host":"a","password":7,"user":"top-secret"}]}';
    const { document, restarts } = commands.received(command({ body }));
    expect(restarts).toBe(false);
    expect(read(document)).toMatchObject({
      outcome: "refused",
      reason: "brokers[0].password: it is not a text",
      signed: { counter: 1, verb: "settings" },
    });
    expect(Buffer.from(document as Uint8Array).includes("top-secret")).toBe(false);
  });

  test("is kept, and said again where the order comes again, in a later boot too", () => {
    const order = command();
    const { document } = commands.received(order);
    const later = obedience({ boot: 6 });
    expect(later.said).toEqual(document);
    const again = later.received(order);
    expect(again).toMatchObject({ outcome: { type: "repeated", counter: 1 }, restarts: false });
    expect(again.document).toEqual(document);
    expect(host.calls).toEqual(["configure"]);
  });

  test("is that nothing is sure, where the power went while it was carried out", () => {
    commands.received(command()); // what was said of this one is not said of the next
    const order = command({ counter: 2 });
    const died = obedience({
      host: {
        ...host,
        identity: host.identity,
        reset: () => 0,
        configure() {
          throw new Error("power");
        },
      },
      store: {
        ...host.store,
        get: (key) => host.store.get(key),
        set(key, value) {
          if (key === "outcome") throw new Error("power");
          host.store.set(key, value);
        },
      },
    });
    died.received(order);
    const { document } = obedience().received(order);
    expect(read(document)).toMatchObject({
      outcome: "refused",
      reason: expect.stringContaining("Give the order again"),
      signed: { counter: 2, verb: "settings" },
    });
  });

  test("is not signed at once, nor kept, where it is not the owner's or its time is over", () => {
    const { document: kept } = commands.received(command({ counter: 3 }));
    const ownership = new Uint8Array(8);
    const cases: [Uint8Array, string][] = [
      [
        command({ counter: 9, ownership }),
        "it was given under another ownership: before the board's owner was set last",
      ],
      [command({ counter: 9, until: NOW - 5 }), "its time was over 5 s ago by the board's clock"],
      [
        command({ counter: 4 + MOST_AHEAD }),
        `its counter is more than ${MOST_AHEAD} above the last one's, 3`,
      ],
      [command({ counter: 9 }, stranger), "another key than its owner's has signed it"],
      [command({ counter: 2 }), "its counter is not above the last one's, 3"],
      [command({ counter: 9, network: "ridge" }), "it is for another network: the board is in demo"],
      [command({ counter: 9, kid: new Uint8Array(8) }), "it is for another board"],
      [new Uint8Array(1025), "it has 1025 bytes, of which a board reads 1024"],
    ];
    for (const [message, reason] of cases) {
      const answer = commands.received(message);
      expect(answer).toMatchObject({ outcome: { type: "refused", reason } });
      expect(answer.document).toBeUndefined();
      expect(read(commands.sign(answer))).toMatchObject({
        outcome: "refused",
        reason,
        order: hashOf(message),
        ownership: ownershipOf(host.store),
        last: 3,
      });
    }
    expect(commands.said).toEqual(kept);
  });

  test("is said a second time where new settings have come to stay, or have not", () => {
    expect(commands.trialEnded("kept", "")).toBeUndefined();
    const order = command();
    commands.received(order);
    const document = commands.trialEnded("reverted", "no broker acknowledged a frame");
    expect(read(document)).toMatchObject({
      order: hashOf(order),
      outcome: "reverted",
      reason: "no broker acknowledged a frame",
      signed: { counter: 1, verb: "settings" },
    });
    expect(commands.said).toEqual(document);
    expect(commands.trialEnded("reverted", "")).toBeUndefined();
  });
});

test("messages are told apart by their beginnings", () => {
  expect(commands.likeness(command())).toBe(OWNERS_ORDER);
  expect(commands.likeness(command({}, stranger))).toBe(AN_ORDER);
  expect(commands.likeness(new Uint8Array(200))).toBe(NO_ORDER);
  expect(commands.likeness(command().subarray(0, 58))).toBe(NO_ORDER);
  host.values.delete("owner");
  expect(commands.likeness(command())).toBe(AN_ORDER);
});

test("a reset wants its words, as over the wire", () => {
  expect(outcomeOf(command({ verb: "reset", body: "" }))).toMatchObject({
    type: "refused",
    counter: 1,
  });
  const body = `ERASE ${host.identity.device}`;
  expect(outcomeOf(command({ counter: 2, verb: "reset", body }))).toMatchObject({ type: "obeyed" });
  expect(host.calls).toEqual(["reset"]);
});

describe("refused, and nothing has changed", () => {
  const unsigned = (payload: Uint8Array) => writeSign1(COMMAND_TYPE, new Uint8Array(8), payload, owner);
  const cases: [string, () => Uint8Array][] = [
    ["a stranger's", () => command({}, stranger)],
    ["one for another network", () => command({ network: "ridge" })],
    ["one for another board", () => command({ kid: new Uint8Array(8) })],
    ["one with a bit turned", () => command().map((byte, i) => (i === 90 ? byte ^ 1 : byte))],
    ["one that is cut off", () => command().subarray(0, -1)],
    ["one with bytes behind it", () => Uint8Array.of(...command(), 0)],
    ["nothing", () => new Uint8Array(0)],
    ["too much", () => new Uint8Array(5000)],
    ["a signed payload that is no command", () => unsigned(Uint8Array.of(0x80))],
  ];
  test.each(cases)("%s", (_, make) => {
    const before = new Map(host.values);
    const outcome = outcomeOf(make());
    expect(outcome).toMatchObject({ type: "refused" });
    expect(outcome).not.toHaveProperty("counter");
    expect(host.values).toEqual(before);
    expect(host.calls).toEqual([]);
  });

  test("settings that are wrong: the counter is used up", () => {
    const outcome = outcomeOf(command({ body: '{"wifi":{"ssid":1}}' }));
    expect(outcome).toEqual({
      type: "refused",
      counter: 1,
      verb: "settings",
      reason: "wifi.ssid: it is not a text",
    });
    expect(outcomeOf(command({ counter: 1 }))).toMatchObject({
      reason: expect.stringContaining("counter"),
    });
    expect(host.configuration.stored).toEqual({});
  });

  test("any, where there is no owner", () => {
    host.values.delete("owner");
    expect(outcomeOf(command())).toMatchObject({ reason: "the board has no owner" });
  });

  test("a verb that there is not", () => {
    expect(outcomeOf(command({ verb: "dance" as "reset" }))).toMatchObject({
      type: "refused",
      counter: 1,
    });
    expect(host.calls).toEqual([]);
  });
});

describe("the counter", () => {
  test("only rises, also over a restart", () => {
    expect(outcomeOf(command({ counter: 7 }))).toMatchObject({ type: "on-trial" });
    const later = obedience();
    for (const counter of [1, 6])
      expect(outcomeOf(command({ counter }), later)).toMatchObject({ type: "refused" });
    expect(outcomeOf(command({ counter: 7 }), later)).toMatchObject({ type: "repeated" });
    expect(outcomeOf(command({ counter: 7, body: "{}" }), later)).toMatchObject({ type: "refused" });
    expect(outcomeOf(command({ counter: 8 }), later)).toMatchObject({ type: "on-trial" });
    expect(host.calls).toEqual(["configure", "configure"]);
  });

  test("cannot be burnt: one of 2^53 - 1 is refused, and the next one is obeyed", () => {
    expect(outcomeOf(command({ counter: Number.MAX_SAFE_INTEGER }))).toMatchObject({ type: "refused" });
    expect(outcomeOf(command({ counter: MOST_AHEAD + 1 }))).toMatchObject({ type: "refused" });
    expect(outcomeOf(command({ counter: 1 }))).toMatchObject({ type: "on-trial" });
  });

  test("is durable before anything is done", () => {
    const order: string[] = [];
    const store: KeyValue = {
      ...host.store,
      set(key, value) {
        order.push(key);
        host.store.set(key, value);
      },
    };
    const told = {
      identity: host.identity,
      configure: () => void order.push("configure"),
      reset: () => 0,
    };
    obedience({ store, host: told }).received(command());
    expect(order).toEqual(["command", "configure", "order-on-trial", "outcome"]);
  });

  test("that cannot be stored stops the command", () => {
    const store: KeyValue = {
      ...host.store,
      set() {
        throw new Error("flash is worn out");
      },
    };
    const outcome = outcomeOf(command(), obedience({ store }));
    expect(outcome).toMatchObject({ type: "refused", reason: "failed (Error)" });
    expect(host.calls).toEqual([]);
  });
});

describe("an order that was held back", () => {
  /** The board forgets its owner, and `next` becomes its owner. */
  function change(next: typeof owner): Obedience {
    forgetOwner(host.store);
    if (setOwner(host.store, next.publicKey, random)) forgetOrders(host.store);
    return obedience();
  }

  test("does nothing under another owner, nor when the first owner has the board back", () => {
    const held = command({ counter: 1 });
    const high = command({ counter: 900, verb: "restart", body: "" });
    expect(outcomeOf(high)).toMatchObject({ type: "obeyed" });
    expect(outcomeOf(held, change(stranger))).toMatchObject({
      type: "refused",
      reason: "another key than its owner's has signed it",
    });
    const back = change(owner);
    for (const old of [held, high])
      expect(outcomeOf(old, back)).toMatchObject({ reason: expect.stringContaining("another ownership") });
    // And the counters of before are not this ownership's.
    expect(outcomeOf(command({ counter: 1 }), back)).toMatchObject({ type: "on-trial" });
  });

  test("does nothing after its time", () => {
    const held = command();
    expect(outcomeOf(held, obedience({ clock: clockAt(NOW + 61) }))).toMatchObject({ type: "refused" });
    expect(outcomeOf(held, obedience({ clock: clockAt(NOW + 60) }))).toMatchObject({ type: "on-trial" });
  });

  test("does nothing while the board does not know the time, and counts when it does", () => {
    const order = command();
    expect(outcomeOf(order, obedience({ clock: clockAt(0, 0) }))).toMatchObject({
      reason: expect.stringContaining("does not know the time"),
    });
    expect(outcomeOf(order)).toMatchObject({ type: "on-trial" });
  });
});
