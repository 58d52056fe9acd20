import { beforeEach, describe, expect, test } from "@jest/globals";
import { type Command, writeCommand } from "../../../agent/provision/command.js";
import type { CommandOutcome } from "../../../agent/provision/obedience.js";
import { Orders } from "../../../agent/provision/orders.js";
import type { Outcome } from "../../../agent/provision/outcome.js";
import { ownershipOf, setOwner } from "../../../agent/provision/owner.js";
import { readOutcome } from "../../../agent/provision/read-outcome.js";
import { random } from "../../../node/ports/random.js";
import { createSigner, signatureChecker } from "../../../node/ports/signer.js";
import { VirtualClock } from "../../support/virtual-clock.js";
import { RecordedHost } from "./recorded-host.js";

const owner = createSigner(new Uint8Array(32).fill(3));
const stranger = createSigner(new Uint8Array(32).fill(4));

interface Published extends Outcome {
  readonly retain: boolean;
  readonly acknowledged: () => void;
}

/** A board's orders, with brokers that the test plays. */
class Desk {
  readonly host = new RecordedHost();
  readonly clock = new VirtualClock();
  readonly told: CommandOutcome[] = [];
  readonly published: Published[] = [];
  signatures = 0;
  restarts = 0;
  brokers = 1;
  orders: Orders;

  constructor() {
    setOwner(this.host.store, owner.publicKey, random);
    this.orders = this.boot();
  }

  boot(): Orders {
    const { signer, store } = this.host;
    this.orders = new Orders({
      signer: {
        publicKey: signer.publicKey,
        sha256: signer.sha256,
        sign: (...given) => {
          this.signatures++;
          signer.sign(...given);
        },
        verify: signatureChecker.verify,
      },
      store,
      host: this.host,
      boot: 5,
      clock: this.clock,
      publish: (document, retain, acknowledged) => {
        if (this.brokers > 0)
          this.published.push({ ...readOutcome(document, signatureChecker), retain, acknowledged });
        return this.brokers;
      },
      restart: () => this.restarts++,
      observe: (outcome) => this.told.push(outcome),
    });
    return this.orders;
  }

  order(given: Partial<Command> = {}, by = owner): Uint8Array {
    const { kid } = this.host.identity;
    const ownership = ownershipOf(this.host.store);
    const rest = { counter: 1, until: 2 ** 33, verb: "restart", body: "" } as const;
    return writeCommand({ network: "demo", kid, ownership, ...rest, ...given }, by);
  }
}

let desk: Desk;
beforeEach(() => {
  desk = new Desk();
});

describe("the owner's order", () => {
  test("is answered, retained, and the board starts again when its brokers have the answer", () => {
    desk.brokers = 2;
    desk.orders.received(desk.order());
    desk.clock.advance(0);
    expect(desk.published).toMatchObject([{ outcome: "obeyed", retain: true, signed: { verb: "restart" } }]);
    const [{ acknowledged }] = desk.published as [Published];
    acknowledged();
    expect(desk.restarts).toBe(0);
    acknowledged();
    expect(desk.restarts).toBe(1);
    desk.clock.advance(60_000);
    expect(desk.restarts).toBe(1);
  });

  test("does not wait for ever for an acknowledgement, nor for one where no broker is there", () => {
    desk.orders.received(desk.order());
    desk.clock.advance(4999);
    expect(desk.restarts).toBe(0);
    desk.clock.advance(1);
    expect(desk.restarts).toBe(1);
    desk = new Desk();
    desk.brokers = 0;
    desk.orders.received(desk.order());
    desk.clock.advance(0);
    expect(desk.restarts).toBe(1);
  });

  test("is answered in the next boot where no broker had the answer before it, until one has", () => {
    desk.orders.received(desk.order());
    desk.clock.advance(5000);
    desk.boot();
    desk.published.length = 0;
    desk.orders.connected();
    desk.orders.connected();
    expect(desk.published).toMatchObject([{ outcome: "obeyed", retain: true }, { outcome: "obeyed" }]);
    desk.published[1]?.acknowledged();
    desk.orders.connected();
    expect(desk.published).toHaveLength(2);
  });

  test("that is refused is answered, retained, and no reason to start again", () => {
    desk.orders.received(desk.order({ verb: "settings", body: '{"age":"x"}' }));
    desk.clock.advance(10_000);
    expect(desk.published).toMatchObject([
      { outcome: "refused", retain: true, reason: expect.stringMatching(/^age: it is not/) },
    ]);
    expect(desk.restarts).toBe(0);
  });

  test("goes before others that wait, and is not dropped for them", () => {
    for (let i = 0; i < 3; i++) desk.orders.received(desk.order({ counter: i + 1 }, stranger));
    desk.orders.received(desk.order({ counter: 7 }));
    for (let i = 0; i < 50; i++) desk.orders.received(desk.order({ counter: i + 10 }, stranger));
    for (let i = 0; i < 50; i++) desk.orders.received(new Uint8Array(1024));
    desk.clock.advance(0);
    expect(desk.told[0]).toEqual({ type: "obeyed", counter: 7, verb: "restart" });
  });

  test("is read first where others came before it", () => {
    for (let i = 0; i < 2; i++) desk.orders.received(desk.order({ counter: i + 1 }, stranger));
    desk.orders.received(desk.order({ counter: 7 }));
    desk.clock.advance(0);
    expect(desk.told[0]).toEqual({ type: "obeyed", counter: 7, verb: "restart" });
  });

  test("that came before the board could read it says so, so that it is given again", () => {
    const forged = desk.order({ counter: 7 });
    forged[forged.length - 1] = (forged.at(-1) as number) ^ 1;
    for (let i = 0; i < 3; i++) desk.orders.received(forged.slice());
    const order = desk.order({ counter: 8 });
    desk.orders.received(order);
    desk.clock.advance(1000);
    const digest = new Uint8Array(32);
    desk.host.signer.sha256(order, digest, 0);
    expect(desk.published.find(({ order: hash }) => Buffer.from(hash).equals(digest))).toMatchObject({
      outcome: "refused",
      retain: false,
      reason: "too many messages came at once: 1 were not read",
    });
  });
});

describe("what anybody can send", () => {
  test("is refused with the reason, not retained, so that it takes no answer's place", () => {
    desk.orders.received(desk.order({}, stranger));
    desk.clock.advance(0);
    expect(desk.published).toMatchObject([
      { outcome: "refused", retain: false, reason: "another key than its owner's has signed it" },
    ]);
    expect(desk.published[0]?.signed).toBeUndefined();
  });

  test("is refused once a broker is connected, where none was by then", () => {
    desk.brokers = 0;
    desk.orders.received(desk.order({}, stranger));
    desk.clock.advance(0);
    desk.brokers = 1;
    desk.orders.connected();
    expect(desk.published).toMatchObject([{ outcome: "refused", retain: false }]);
    desk.published[0]?.acknowledged();
    desk.orders.connected();
    expect(desk.published).toHaveLength(1);
    expect(desk.signatures).toBe(1);
  });

  test("is not answered where it is no order, and nothing at all is said of a topic that is cleared", () => {
    for (const message of [new Uint8Array(0), new Uint8Array(10), desk.order().subarray(0, 70)]) {
      desk.orders.received(message);
      desk.clock.advance(100);
    }
    expect(desk.told).toEqual([
      { type: "refused", reason: "it is no order" },
      { type: "refused", reason: "it is no order" },
    ]);
    expect(desk.published).toEqual([]);
  });

  test("that is too long is said to be, without a hash", () => {
    desk.orders.passedOver(70_000);
    desk.clock.advance(0);
    expect(desk.published).toMatchObject([
      { outcome: "refused", reason: "it has 70000 bytes, of which a board reads 1024" },
    ]);
    expect(desk.published[0]?.order).toHaveLength(0);
  });

  test("makes the board sign, read and keep no more than a little, however much it is", () => {
    const minutes = 120_000;
    const forged = desk.order({ counter: 7 });
    forged[forged.length - 1] = (forged.at(-1) as number) ^ 1;
    let sent = 0;
    for (; desk.clock.uptime() < minutes; desk.clock.advance(20), sent++) {
      desk.orders.received(sent % 3 === 0 ? new Uint8Array(1024) : forged.slice());
      desk.orders.passedOver(5000);
    }
    expect(sent).toBe(minutes / 20);
    expect(desk.signatures).toBeLessThanOrEqual(8 + minutes / 5000);
    expect(desk.published.length).toBe(desk.signatures);
    expect(desk.told.length).toBeLessThan((3 * minutes) / 100 + 10);
    expect(desk.clock.pending).toBeLessThanOrEqual(1);
    // And the owner is heard all the same.
    const order = desk.order({ counter: 9 });
    for (let i = 0; i < 20 && desk.restarts === 0; i++) {
      desk.orders.received(order);
      desk.clock.advance(5000);
    }
    expect(desk.restarts).toBe(1);
  });

  test("an order of the owner's that is sent again is answered as before, at the same rate", () => {
    const order = desk.order({ verb: "settings", body: '{"age":"x"}' });
    for (let i = 0; i < 200; i++) {
      desk.orders.received(order);
      desk.clock.advance(10);
    }
    expect(desk.published.length).toBeLessThanOrEqual(10);
    expect(desk.signatures).toBe(1);
    expect(new Set(desk.published.map(({ reason }) => reason)).size).toBe(1);
  });
});

test("nothing is read after the board was told to start again, or stopped", () => {
  desk.orders.received(desk.order());
  desk.clock.advance(0);
  desk.orders.received(desk.order({ counter: 2 }));
  desk.orders.connected();
  desk.clock.advance(60_000);
  expect(desk.told).toHaveLength(1);
  expect(desk.published).toHaveLength(1);
  desk = new Desk();
  desk.orders.received(desk.order());
  desk.orders.stop();
  desk.clock.advance(60_000);
  expect(desk.told).toEqual([]);
});
