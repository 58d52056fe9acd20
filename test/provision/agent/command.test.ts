import { beforeEach, describe, expect, test } from "@jest/globals";
import type { KeyValue } from "../../../agent/ports/key-value.js";
import {
  COMMAND_TYPE,
  type Command,
  createCommands,
  writeCommand,
} from "../../../agent/provision/command.js";
import { setOwner } from "../../../agent/provision/owner.js";
import { writeSign1 } from "../../../agent/provision/sign1.js";
import { createSigner, signatureChecker } from "../../../host-sim/ports/signer.js";
import { BenchHost } from "./bench-host.js";

const owner = createSigner(new Uint8Array(32).fill(3));
const stranger = createSigner(new Uint8Array(32).fill(4));

let host: BenchHost;
let commands: ReturnType<typeof createCommands>;
beforeEach(() => {
  host = new BenchHost();
  setOwner(host.store, owner.publicKey);
  commands = createCommands({ checker: signatureChecker, store: host.store, host });
});

function command(given: Partial<Command> = {}, by = owner): Uint8Array {
  const { kid } = host.identity;
  return writeCommand(
    { network: "demo", kid, counter: 1, verb: "settings", body: '{"age":5000}', ...given },
    by,
  );
}

test("settings that the owner signed are stored, and the board starts anew", () => {
  expect(commands.received(command())).toEqual({ type: "done", counter: 1, verb: "settings" });
  expect(host.configuration.stored).toEqual({ age: 5000 });
  expect(host.calls).toEqual(["configure", "restart"]);
});

test("a reset wants its words, as over the wire", () => {
  expect(commands.received(command({ verb: "reset", body: "" }))).toMatchObject({
    type: "refused",
    counter: 1,
  });
  const body = `ERASE ${host.identity.device}`;
  expect(commands.received(command({ counter: 2, verb: "reset", body }))).toMatchObject({ type: "done" });
  expect(host.calls).toEqual(["reset", "restart"]);
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
    const outcome = commands.received(make());
    expect(outcome).toMatchObject({ type: "refused" });
    expect(outcome).not.toHaveProperty("counter");
    expect(host.values).toEqual(before);
    expect(host.calls).toEqual([]);
  });

  test("settings that are wrong: the counter is used up", () => {
    const outcome = commands.received(command({ body: '{"wifi":{"ssid":1}}' }));
    expect(outcome).toEqual({ type: "refused", counter: 1, reason: "wifi.ssid: it is not a text" });
    expect(commands.received(command({ counter: 1 }))).toMatchObject({
      reason: expect.stringContaining("counter"),
    });
    expect(host.configuration.stored).toEqual({});
  });

  test("any, where there is no owner", () => {
    host.values.delete("owner");
    expect(commands.received(command())).toMatchObject({ reason: "the board has no owner" });
  });

  test("a verb that there is not", () => {
    expect(commands.received(command({ verb: "dance" as "reset" }))).toMatchObject({
      type: "refused",
      counter: 1,
    });
    expect(host.calls).toEqual([]);
  });
});

describe("the counter", () => {
  test("only rises, also over a restart and a reset", () => {
    expect(commands.received(command({ counter: 7 }))).toMatchObject({ type: "done" });
    host.reset();
    setOwner(host.store, owner.publicKey);
    const later = createCommands({ checker: signatureChecker, store: host.store, host });
    for (const counter of [1, 6, 7])
      expect(later.received(command({ counter }))).toMatchObject({ type: "refused" });
    expect(later.received(command({ counter: 8 }))).toMatchObject({ type: "done" });
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
      ...host,
      identity: host.identity,
      configure: () => void order.push("configure"),
      reset: () => 0,
      restart() {},
    };
    createCommands({ checker: signatureChecker, store, host: told }).received(command());
    expect(order).toEqual(["command", "configure"]);
  });

  test("that cannot be stored stops the command", () => {
    const store: KeyValue = {
      ...host.store,
      set() {
        throw new Error("flash is worn out");
      },
    };
    const outcome = createCommands({ checker: signatureChecker, store, host }).received(command());
    expect(outcome).toMatchObject({ type: "refused", reason: "failed (Error)" });
    expect(host.calls).toEqual([]);
  });
});
