import { describe, expect, test } from "@jest/globals";
import fc from "fast-check";
import { CborError } from "../../agent/cbor/error.js";
import { comparePositions } from "../../agent/frame/chain.js";
import type { Frame } from "../../agent/frame/parse.js";
import { recoveryBound } from "../../agent/journal/journal.js";
import type { Flash } from "../../agent/ports/flash.js";
import { createMemoryKeyValue } from "../../node/ports/key-value.js";
import { hasher } from "../../node/ports/signer.js";
import { hexOf, testKid } from "../support/frames.js";
import { JudgeHarness } from "../support/judge-harness.js";
import { runs } from "../support/runs.js";
import { AgentHarness, checkedFrame, countingSensor, flashOf, place, RIG_CONFIG } from "./agent-harness.js";

const hashOf = (bytes: Uint8Array) => {
  const digest = new Uint8Array(32);
  hasher.sha256(bytes, digest, 0);
  return hexOf(digest.subarray(0, 16));
};
const prevOf = (frame: Frame) => hexOf(frame.prev);
const places = (frames: readonly Frame[]) => frames.map(place);

/** Each frame's `prev` is the hash of the one before it. */
function expectLinked(frames: readonly Frame[], first = "00".repeat(16)): void {
  const hashes = frames.map(({ bytes }) => hashOf(bytes));
  expect(frames.map(prevOf)).toEqual([first, ...hashes].slice(0, frames.length));
}

describe("the chain", () => {
  test("the device is its kid in hex, frames go to its topic, and boots count from 1", () => {
    const rig = new AgentHarness({ brokers: 1 });
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
    const rig = new AgentHarness();
    for (let boot = 1; boot <= 3; boot++) {
      const agent = rig.boot();
      agent.start();
      rig.world.advance(2500);
      agent.stop();
    }
    expect(places(rig.frames())).toEqual(["1/0", "1/1", "1/2", "2/0", "2/1", "2/2", "3/0", "3/1", "3/2"]);
    expectLinked(rig.frames());
  });

  test("frames that waited when the power went are sent after the reset, and nothing is declared lost", () => {
    const rig = new AgentHarness();
    rig.boot().start();
    rig.world.advance(1500);
    for (const broker of rig.brokers) broker.kill();
    rig.world.advance(3000); // 2, 3 and 4 are signed and go nowhere
    rig.cut();
    rig.boot().start();
    rig.world.advance(2500);
    expect(rig.unsettled).toEqual(["1/2", "1/3", "1/4", "2/0", "2/1", "2/2"]);
    for (const broker of rig.brokers) broker.restart();
    rig.world.advance(6000);
    const frames = rig.frames().sort(comparePositions);
    expect(places(frames).slice(0, 8)).toEqual(["1/0", "1/1", "1/2", "1/3", "1/4", "2/0", "2/1", "2/2"]);
    expectLinked(frames);
    expect(frames.flatMap(({ dropped }) => dropped)).toEqual([]);
    expect(rig.unsettled).toEqual([]);
  });

  test("each boot tells what it found, and reads no more than its bound for it", () => {
    const rig = new AgentHarness();
    for (const broker of rig.brokers) broker.kill();
    const pending: number[] = [];
    for (let boot = 1; boot <= 4; boot++) {
      rig.boot().start();
      const { pending: found, read } = rig.of("recovered").at(-1) ?? { pending: -1, read: Number.NaN };
      pending.push(found);
      expect(read).toBeLessThanOrEqual(recoveryBound(rig.flash));
      rig.world.advance(9500);
      rig.cut();
    }
    expect(pending).toEqual([0, 10, 20, 30]);
  });

  test("acknowledgements that were not written down yet are forgotten: a few frames are sent again, with the same bytes", () => {
    const rig = new AgentHarness();
    const agent = rig.boot();
    agent.start();
    rig.world.advance(30_500);
    rig.cut();
    const before = rig.received.length;
    rig.boot().start();
    rig.world.advance(500);
    const again = [...new Set(rig.received.slice(before).map(hexOf))];
    expect(again.length).toBeLessThanOrEqual(8 + 1);
    expect(again.length).toBeGreaterThan(1);
    const known = new Set(rig.received.slice(0, before).map(hexOf));
    expect(again.filter((one) => !known.has(one))).toHaveLength(1);
    expectLinked(rig.frames());
  });

  test("frames of several boots that were pushed out are declared, range by range", () => {
    const rig = new AgentHarness();
    for (const broker of rig.brokers) broker.kill();
    for (let boot = 1; boot <= 3; boot++) {
      rig.boot({}, undefined, boot === 1 ? 3 : undefined).start();
      rig.world.advance(6500);
      rig.cut();
    }
    rig.boot().start();
    rig.world.advance(60_500);
    for (const broker of rig.brokers) broker.restart();
    rig.world.advance(30_000);
    const declared = rig.frames().map(({ dropped }) => dropped);
    expect(declared).toContainEqual([
      { boot: 1, first: 0, last: 6 },
      { boot: 2, first: 0, last: 6 },
      { boot: 3, first: 0, last: 6 },
      { boot: 4, first: 0, last: expect.any(Number) },
    ]);
    expect([rig.unsettled, declared.at(-1)]).toEqual([[], []]);
  });

  test("a boot that signs nothing leaves nothing but its number", () => {
    const rig = new AgentHarness();
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

  test("a damaged boot record is an error, and nothing is signed", () => {
    const rig = new AgentHarness();
    rig.values.set("boot", Uint8Array.of(0xff));
    expect(() => rig.boot()).toThrow(CborError);
    expect(rig.events).toEqual([]);
  });

  test("a boot record that is gone does not bring an old number back: the journal has the newest frame's", () => {
    const rig = new AgentHarness();
    for (let boot = 1; boot <= 3; boot++) {
      rig.boot().start();
      rig.world.advance(1500);
      rig.cut();
    }
    rig.values.clear();
    expect(rig.boot().boot).toBe(4);
    rig.agent?.start();
    rig.world.advance(1500);
    expect(places(rig.frames()).slice(-2)).toEqual(["4/0", "4/1"]);
    expectLinked(rig.frames());
  });

  test("a boot number that was given to a device is the one before its first", () => {
    const rig = new AgentHarness();
    rig.values.set("boot", Uint8Array.of(7));
    expect(rig.boot().boot).toBe(8);
  });

  test("a setting that cannot work costs no boot number", () => {
    const rig = new AgentHarness();
    expect(() => rig.boot({ readings: 0 })).toThrow("readings: 0 is not a whole number from 1 to 255");
    expect(rig.values.size).toBe(0);
  });
});

describe("storage that fails", () => {
  /** Flash of which some programs, counted from 0, fail and change nothing. */
  const failing = (flash: Flash, when: (program: number) => boolean): Flash => {
    let program = 0;
    return {
      ...flash,
      program(address, data) {
        if (when(program++)) throw new Error("flash busy");
        flash.program(address, data);
      },
    };
  };

  test("a boot number that cannot be kept stops the board before it signs", () => {
    const rig = new AgentHarness();
    rig.store = {
      ...rig.store,
      set() {
        throw new Error("flash worn out");
      },
    };
    expect(() => rig.boot()).toThrow("flash worn out");
    expect(rig.of("signed")).toEqual([]);
  });

  test("a sector that cannot be programmed is passed over and told of, and no frame is lost", () => {
    const rig = new AgentHarness();
    // A sector's head, its seal, 1/0, and then 1/1 for the first time.
    rig
      .boot(
        {},
        undefined,
        failing(flashOf(4), (program) => program === 3),
      )
      .start();
    rig.world.advance(3500);
    expect(rig.of("sector-failed")).toEqual([
      { type: "sector-failed", sector: 0, reason: "Error: flash busy" },
    ]);
    expect(places(rig.frames())).toEqual(["1/0", "1/1", "1/2", "1/3"]);
    expect([rig.unsettled, rig.of("storage-failed")]).toEqual([[], []]);
    expectLinked(rig.frames());
  });

  test("a frame that no sector keeps: it does not leave, its place is not used again, its loss is declared", () => {
    const rig = new AgentHarness();
    let isBusy = false;
    const agent = rig.boot(
      {},
      undefined,
      failing(flashOf(4), () => isBusy),
    );
    agent.start();
    rig.world.advance(1500);
    isBusy = true;
    rig.world.advance(1000);
    isBusy = false;
    rig.world.advance(2000);
    expect(rig.of("storage-failed").map(({ reason }) => reason)).toEqual([
      "journal: no sector can be written",
    ]);
    expect(places(rig.frames())).toEqual(["1/0", "1/1", "1/3", "1/4"]);
    expect(rig.frames().map(({ dropped }) => dropped)).toEqual([
      [],
      [],
      [{ boot: 1, first: 2, last: 2 }],
      [],
    ]);
    expectLinked(rig.frames());
  });

  test("a boot's first frame says how its sensors are configured, and where it is lost the next one does", () => {
    const rig = new AgentHarness();
    let isBusy = true;
    rig
      .boot(
        {},
        undefined,
        failing(flashOf(4), () => isBusy),
      )
      .start();
    rig.world.advance(500);
    isBusy = false;
    rig.world.advance(2000);
    rig.cut();
    rig.boot().start();
    rig.world.advance(1500);
    const { configuration } = RIG_CONFIG;
    expect(rig.frames().map((frame) => [place(frame), frame.configuration])).toEqual([
      ["1/1", configuration],
      ["1/2", undefined],
      ["2/0", configuration],
      ["2/1", undefined],
    ]);
  });

  test("for good: sampling goes on, nothing is sent, and memory does not grow", () => {
    const rig = new AgentHarness();
    rig
      .boot(
        {},
        undefined,
        failing(flashOf(4), () => true),
      )
      .start();
    rig.world.advance(100_500);
    expect(rig.of("storage-failed")).toHaveLength(101);
    expect([rig.received.length, rig.of("signed")]).toEqual([0, []]);
    // As it was after a minute.
    expect(rig.status()).toMatchObject({ queue: 0 });
    expect(rig.status()?.dropped).toBeGreaterThanOrEqual(60);
  });
});

test("property: over random restarts no boot and sequence is signed twice with other bytes, and a judge finds no break", () => {
  const step = fc.record({
    run: fc.nat(4000),
    brokers: fc.constantFrom("up", "down", "mute"),
    storage: fc.constantFrom("fine", "fine", "fine", "fails"),
    end: fc.constantFrom("cut", "stop"),
  });
  fc.assert(
    fc.property(
      fc.array(step, { minLength: 20, maxLength: 20 }),
      fc.constantFrom(3, 5, 12),
      (steps, sectors) => {
        const rig = new AgentHarness({ brokers: 2 });
        const chip = flashOf(sectors);
        for (const { run, brokers, storage, end } of steps) {
          for (const broker of rig.brokers) {
            if (brokers === "down") broker.kill();
            else broker.restart();
            broker.mute = brokers === "mute";
          }
          let program = 0;
          rig.flash = {
            ...chip,
            program(address, data) {
              if (storage === "fails" && program++ % 3 === 1) throw new Error("flash busy");
              chip.program(address, data);
            },
          };
          rig.store = createMemoryKeyValue(rig.values);
          const agent = rig.boot({}, [countingSensor(400)]);
          agent.start();
          rig.world.advance(run);
          if (end === "stop") agent.stop();
          else rig.cut();
        }

        for (const broker of rig.brokers) {
          broker.restart();
          broker.mute = false;
        }
        rig.flash = chip;
        rig.boot().start();
        rig.world.advance(20_500);
        const signed = rig.of("signed").map(({ position }) => place(position));
        expect(signed).toEqual([...new Set(signed)]);
        const bytes = new Map<string, string>();
        for (const one of rig.received) {
          const position = place(checkedFrame(one));
          expect(bytes.get(position) ?? hexOf(one)).toBe(hexOf(one));
          bytes.set(position, hexOf(one));
        }
        // What failing sectors cost is declared a few ranges at a time.
        expect(rig.unsettled).toEqual([]);
        expect(rig.frames().at(-1)).toMatchObject({ boot: 21, dropped: [] });
        const judge = new JudgeHarness();
        for (const one of rig.received) judge.receive(one);
        judge.giveUp();
        const bad = judge.judgements.filter(({ verdict }) => verdict !== "ok" && verdict !== "duplicate");
        expect(bad).toEqual([]);
        expect(judge.of("ok")).toHaveLength(rig.frames().length);
      },
    ),
    { numRuns: runs(10, 2), seed: 200 },
  );
});
