import { expect, test } from "@jest/globals";
import { readBootRecord } from "../../agent/boot-record.js";
import { InputError } from "../../agent/input-error.js";
import { createSigner } from "../../node/ports/signer.js";
import { bytesOf, testKid, testSigner } from "../support/frames.js";
import { AgentHarness, flashOf } from "./agent-harness.js";

const OTHER = createSigner(new Uint8Array(32).fill(99));
const OF_BOOT_7 = bytesOf("83070000");

/** A board that has signed frames in one boot, and lost its power; no broker has them. */
function used(): AgentHarness {
  const rig = new AgentHarness({ brokers: 0 });
  rig.boot().start();
  rig.world.advance(3500);
  rig.cut();
  rig.events.length = 0;
  return rig;
}

/** Switches it on with another key, and expects that nothing is signed or written. */
function expectStopped(rig: AgentHarness, earlier: Uint8Array): void {
  rig.signer = OTHER;
  const { flash } = rig;
  const before = new Map(rig.values);
  let changes = 0;
  rig.flash = {
    ...flash,
    program: () => void changes++,
    erase: () => void changes++,
  };
  const agent = rig.boot();
  expect(agent).toMatchObject({ boot: 0, earlier });
  expect(() => agent.start()).toThrow(InputError);
  expect(() => agent.readNow()).toThrow(/the key was lost or replaced/);
  agent.finish();
  rig.world.advance(120_000);
  expect(rig.of("signed")).toEqual([]);
  expect([...rig.values]).toEqual([...before]);
  expect(changes).toBe(0);
  rig.flash = flash;
}

test("another key beside this one's boot counter: nothing is signed or written, each time", () => {
  const rig = used();
  for (let boot = 1; boot <= 2; boot++) {
    expectStopped(rig, testKid);
    rig.cut();
  }
});

test("nor beside its journal, where no boot counter says whose it is", () => {
  for (const record of [undefined, OF_BOOT_7, Uint8Array.of(7)]) {
    const rig = used();
    rig.values.clear();
    if (record !== undefined) rig.values.set("boot", record);
    expectStopped(rig, testKid);
  }
});

test("the key that comes back goes on where it was", () => {
  const rig = used();
  expectStopped(rig, testKid);
  rig.cut();
  rig.signer = testSigner;
  expect(rig.boot()).toMatchObject({ boot: 2, earlier: undefined });
});

test("both forgotten: it starts as a new device", () => {
  const rig = used();
  rig.values.clear();
  rig.signer = OTHER;
  const agent = rig.boot({}, undefined, flashOf(32));
  expect(agent).toMatchObject({ boot: 1, earlier: undefined });
  agent.start(); // which throws where another identity's numbers are in the way
});

test("a record of firmware that wrote no kid is taken over, and has one then", () => {
  const rig = new AgentHarness();
  rig.values.set("boot", OF_BOOT_7);
  expect(rig.boot()).toMatchObject({ boot: 8, earlier: undefined });
  expect(readBootRecord(rig.store)).toMatchObject({ boot: 8, kid: testKid });
});

test("where the boot counter is its own, what another left in the journal is passed over", () => {
  const rig = used();
  const other = new AgentHarness({ brokers: 0 });
  other.signer = OTHER;
  other.boot();
  other.cut();
  other.flash = rig.flash;
  expect(other.boot()).toMatchObject({ boot: 2, earlier: undefined });
});
