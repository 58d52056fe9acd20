import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { CborError } from "../../agent/cbor/error.js";
import { type Frame, parseFrame } from "../../agent/frame/parse.js";
import type { KeyValue } from "../../agent/ports/key-value.js";
import { createMemoryKeyValue } from "../../host-sim/ports/key-value.js";
import { hasher } from "../../host-sim/ports/signer.js";
import { hexOf, testKid } from "../support/frames.js";
import { runs } from "../support/runs.js";
import { Judge } from "../support/witness-desk.js";
import { countingSensor, Rig } from "./rig.js";

const hashOf = (bytes: Uint8Array) => {
  const digest = new Uint8Array(32);
  hasher.sha256(bytes, digest, 0);
  return hexOf(digest.subarray(0, 16));
};
const prevOf = (frame: Frame) => hexOf(frame.prev);
const place = ({ boot, sequence }: { boot: number; sequence: number }) => `${boot}/${sequence}`;
const places = (frames: readonly Frame[]) => frames.map(place);

/** Each frame's `prev` is the hash of the one before it. */
function expectLinked(frames: readonly Frame[], first = "00".repeat(16)): void {
  const hashes = frames.map(({ bytes }) => hashOf(bytes));
  expect(frames.map(prevOf)).toEqual([first, ...hashes].slice(0, frames.length));
}

describe("the chain", () => {
  test("the device is its kid in hex, frames go to its topic, and boots count from 1", () => {
    const rig = new Rig({ brokers: 1 });
    const topics: string[] = [];
    rig.brokers[0]?.subscribe((_, topic) => topics.push(topic));
    const agent = rig.boot();
    agent.start();
    rig.world.advance(100);
    expect([agent.device, agent.boot]).toEqual([hexOf(testKid), 1]);
    expect(topics).toEqual([`fieldmark/1/demo/${hexOf(testKid)}/frame`]);
    expect(places(rig.frames())).toEqual(["1/0"]);
  });

  test("each frame names the one before it, over resets too, and the first of all names none", () => {
    const rig = new Rig();
    for (let boot = 1; boot <= 3; boot++) {
      const agent = rig.boot();
      agent.start();
      rig.world.advance(2500);
      agent.stop();
    }
    expect(places(rig.frames())).toEqual(["1/0", "1/1", "1/2", "2/0", "2/1", "2/2", "3/0", "3/1", "3/2"]);
    expectLinked(rig.frames());
  });

  test("frames that were in RAM when the power went are declared by the next boot until one is delivered", () => {
    const rig = new Rig();
    rig.boot().start();
    rig.world.advance(1500);
    for (const broker of rig.brokers) broker.kill();
    rig.world.advance(3000); // 2, 3 and 4 are signed and go nowhere
    rig.cut();
    rig.boot().start();
    rig.world.advance(2500);
    for (const broker of rig.brokers) broker.restart();
    rig.world.advance(6000);
    const second = rig.frames().filter(({ boot }) => boot === 2);
    // Frame 1 had arrived, but its acknowledgement is in no record: it may have been lost.
    expect(second[0]?.dropped).toEqual([{ boot: 1, first: 2, last: 4 }]);
    expect(second.at(-1)?.dropped).toEqual([]);
    const lost = rig
      .of("signed")
      .filter(({ position }) => position.boot === 1)
      .map(({ position }) => place(position));
    expect(lost).toEqual(["1/0", "1/1", "1/2", "1/3", "1/4"]);
    expect(places(rig.frames()).filter((one) => one.startsWith("1"))).toEqual(["1/0", "1/1"]);
    expectLinked(second, prevOf(second[0] as Frame));
    expect(prevOf(second[0] as Frame)).not.toBe(hashOf((rig.frames()[1] as Frame).bytes));
  });

  test("losses inside what a reset loses are declared once, and every judge can read the frame", () => {
    const rig = new Rig();
    for (const broker of rig.brokers) broker.kill();
    const failing = new Set([3, 5]);
    let saved = 0;
    const { store } = rig;
    rig.store = {
      ...store,
      set(key, value) {
        if (key === "chain" && failing.has(saved++)) throw new Error("flash busy");
        store.set(key, value);
      },
    };
    rig.boot().start();
    rig.world.advance(8500);
    expect(rig.outbox.losses).toEqual([
      { boot: 1, first: 3, last: 3 },
      { boot: 1, first: 5, last: 5 },
    ]);
    rig.cut();
    for (const broker of rig.brokers) broker.restart();
    rig.boot().start();
    rig.world.advance(500);
    expect(rig.frames().map(({ dropped }) => dropped)).toEqual([[{ boot: 1, first: 0, last: 8 }]]);
  });

  test("a boot that signs nothing leaves nothing but its number", () => {
    const rig = new Rig();
    rig.boot().start();
    rig.world.advance(500);
    rig.cut();
    rig.boot();
    rig.cut();
    rig.boot().start();
    rig.world.advance(500);
    expect(places(rig.frames())).toEqual(["1/0", "3/0"]);
    expectLinked(rig.frames());
  });

  test.each(["boot", "chain"])("a damaged record (%s) is an error, and nothing is signed", (key) => {
    const rig = new Rig();
    rig.flash.set(key, Uint8Array.of(0xff));
    expect(() => rig.boot()).toThrow(CborError);
    expect(rig.events).toEqual([]);
  });

  test("a setting that cannot work costs no boot number", () => {
    const rig = new Rig();
    expect(() => rig.boot({ readings: 0 })).toThrow(
      new RangeError("readings: 0 is not a whole number from 1 to 255"),
    );
    expect(rig.flash.size).toBe(0);
  });
});

describe("storage that fails", () => {
  const failing = (store: KeyValue, when: (write: number) => boolean): KeyValue => {
    let write = 0;
    return {
      ...store,
      set(key, value) {
        if (when(write++)) throw new Error("flash worn out");
        store.set(key, value);
      },
    };
  };

  test("a boot number that cannot be kept stops the board before it signs", () => {
    const rig = new Rig();
    rig.store = failing(rig.store, () => true);
    expect(() => rig.boot()).toThrow("flash worn out");
  });

  test("a chain tip that cannot be kept: the frame does not leave, its place is not used again, its loss is declared", () => {
    const rig = new Rig();
    rig.store = failing(rig.store, (write) => write === 3); // the boot number, then 1/0 and 1/1
    rig.boot().start();
    rig.world.advance(4500);
    expect(rig.of("storage-failed")).toEqual([{ type: "storage-failed", reason: "flash worn out" }]);
    expect(places(rig.frames())).toEqual(["1/0", "1/1", "1/3", "1/4"]);
    expect(rig.frames().map(({ dropped }) => dropped)).toEqual([
      [],
      [],
      [{ boot: 1, first: 2, last: 2 }],
      [],
    ]);
    expectLinked(rig.frames());
  });

  test("for good: sampling goes on, nothing is sent, and memory does not grow", () => {
    const rig = new Rig();
    rig.store = failing(rig.store, (write) => write > 0);
    rig.boot().start();
    rig.world.advance(100_500);
    expect(rig.of("storage-failed")).toHaveLength(101);
    expect([rig.received.length, rig.outbox.pending]).toEqual([0, 0]);
    expect(rig.outbox.losses).toEqual([{ boot: 1, first: 0, last: 100 }]);
  });

  test("an outbox that fails is told of like storage, and the place is not used again", () => {
    const rig = new Rig();
    const agent = rig.boot({}, undefined, 64);
    const append = rig.outbox.append;
    let failed = false;
    rig.outbox.append = (position, frame) => {
      if (position.sequence === 1 && !failed) {
        failed = true;
        throw new Error("outbox unwell");
      }
      append.call(rig.outbox, position, frame);
    };
    agent.start();
    rig.world.advance(2500);
    expect(places(rig.frames())).toEqual(["1/0", "1/2"]);
    expect(rig.frames()[1]?.dropped).toEqual([{ boot: 1, first: 1, last: 1 }]);
  });
});

test("property: over random restarts no boot and sequence is signed twice with other bytes, and a judge finds no break", () => {
  const step = fc.record({
    run: fc.nat(4000),
    brokers: fc.constantFrom("up", "down", "mute"),
    storage: fc.constantFrom("fine", "fine", "fine", "fails"),
    end: fc.constantFrom("cut", "stop"),
  });
  const signedBy = new Map<string, string>();
  fc.assert(
    fc.property(fc.array(step, { minLength: 20, maxLength: 20 }), (steps) => {
      signedBy.clear();
      const rig = new Rig({ brokers: 2 });
      const everSigned: string[] = [];
      for (const { run, brokers, storage, end } of steps) {
        for (const broker of rig.brokers) {
          if (brokers === "down") broker.kill();
          else broker.restart();
          broker.mute = brokers === "mute";
        }
        rig.store = createMemoryKeyValue(rig.flash);
        const agent = rig.boot({}, [countingSensor(400)], 4);
        // What the outbox gets may leave the board at any time, even where no broker is there to say so.
        const { append } = rig.outbox;
        rig.outbox.append = (position, frame) => {
          const bytes = hexOf(frame);
          expect(signedBy.get(place(position)) ?? bytes).toBe(bytes);
          signedBy.set(place(position), bytes);
          everSigned.push(place(position));
          expect(parseFrame(frame)).not.toHaveProperty("failure");
          append.call(rig.outbox, position, frame);
        };
        const { set } = rig.store;
        if (storage === "fails") {
          let write = 0;
          rig.store.set = (key, value) => {
            if (write++ % 3 === 1) throw new Error("flash busy");
            set(key, value);
          };
        }
        agent.start();
        rig.world.advance(run);
        if (end === "stop") agent.stop();
        else rig.cut();
      }
      expect(everSigned).toEqual([...new Set(everSigned)]);

      for (const broker of rig.brokers) {
        broker.restart();
        broker.mute = false;
      }
      rig.store = createMemoryKeyValue(rig.flash);
      rig.boot().start();
      rig.world.advance(3000);
      expect(rig.frames().at(-1)).toMatchObject({ boot: 21, dropped: [] });
      const judge = new Judge();
      for (const bytes of rig.received) judge.receive(bytes);
      judge.giveUp();
      const bad = judge.judgements.filter(({ verdict }) => verdict !== "ok" && verdict !== "duplicate");
      expect(bad).toEqual([]);
      expect(judge.of("ok")).toHaveLength(rig.frames().length);
    }),
    { numRuns: runs(10, 2), seed: 200 },
  );
});
