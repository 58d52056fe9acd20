import { describe, expect, test } from "@jest/globals";
import { hex } from "../../../agent/cose/kid.js";
import { parseFrame } from "../../../agent/frame/parse.js";
import { digestOf } from "../../../network/bytes.js";
import type { Inputs } from "../../../network/epoch/inputs.js";
import {
  checkRecord,
  makeRecord,
  type RecordGiven,
  type RecordWithState,
} from "../../../network/epoch/make-record.js";
import { recordHash } from "../../../network/epoch/record.js";
import { hasher, keyReader, signatureChecker } from "../../../node/ports/signer.js";
import { statementChecker } from "../../../node/ports/statement-keys.js";
import { hexOf, makeFrame, reading, TEST_HEADER, testSigner } from "../../support/frames.js";
import { alice, enrolOf, START } from "../enrolment/fleet.js";
import { prevAfter } from "../verify/board.js";
import { DESCRIPTION, DOMAIN, EPOCH, inventory, SECONDS } from "./network.js";

const PARTS = {
  description: DESCRIPTION,
  domain: DOMAIN,
  statements: statementChecker,
  checker: signatureChecker,
  keys: keyReader,
};

/** `held`: what each witness that is named has. */
function given(
  epoch: number,
  held: readonly (readonly Uint8Array[])[],
  more: Partial<Inputs> = {},
): RecordGiven {
  const all = new Map<string, Uint8Array>();
  const sets = held.map((frames) => {
    const places = frames.map((bytes) => {
      const digest = digestOf(bytes, hasher);
      all.set(hex(digest), bytes);
      const parsed = parseFrame(bytes);
      if ("failure" in parsed) throw new Error(parsed.failure.detail);
      const { boot, sequence, kid } = parsed.frame;
      return { kid: hex(kid), boot, sequence, digest };
    });
    return places.sort((a, b) => a.boot - b.boot || a.sequence - b.sequence);
  });
  const inventories = held.map((_, witness) => inventory(witness, epoch));
  return {
    slot: epoch,
    epoch,
    inputs: { inventories, statements: [], evidence: [], ...more },
    sets: {
      kids: () => [...new Set(sets.flat().map(({ kid }) => kid))].sort(),
      frames: (witness, kid) => (sets[witness] ?? []).filter((place) => place.kid === kid),
    },
    frames: { frame: (digest) => all.get(hex(digest)) },
  };
}

const enrolled = makeRecord(
  undefined,
  given(EPOCH - 1, [[], [], []], { statements: [enrolOf(testSigner, alice)] }),
  PARTS,
);
const next = (parent: RecordWithState, held: readonly (readonly Uint8Array[])[], more?: Partial<Inputs>) =>
  makeRecord(parent, given(parent.record.epoch + 1, held, more), PARTS);

/** What counted, as `epoch: boot/first-last`. */
const counts = ({ state }: RecordWithState) =>
  [...state.devices.values()].flatMap(({ epochs }) =>
    epochs.flatMap(({ epoch, places }) =>
      places.map(({ boot, first, last }) => `${epoch - EPOCH}: ${boot}/${first}-${last}`),
    ),
  );

const frame = makeFrame();
const second = makeFrame([reading()], { sequence: 1, prev: prevAfter(frame), uptime: 70, time: START + 10 });

test("an enrolled device's frames count once, and recomputing gives the same bytes", () => {
  const one = next(enrolled, [[frame, second], [frame, second], []]);
  expect(counts(one)).toEqual(["0: 1/0-1"]);
  expect(checkRecord(one.record, enrolled, given(EPOCH, [[frame, second], [second, frame], []]), PARTS)).toBe(
    undefined,
  );
  const two = next(one, [
    [frame, second],
    [frame, second],
    [frame, second],
  ]);
  expect([...two.state.devices.values()].flatMap(({ epochs }) => epochs.map(({ frames }) => frames))).toEqual(
    [2],
  );
  const wrong = { ...one.record, state: new Uint8Array(32) };
  expect(checkRecord(wrong, enrolled, given(EPOCH, [[frame, second], [frame, second], []]), PARTS)).toBe(
    "state",
  );
});

test("what one witness alone has does not count, and changes nothing", () => {
  const without = next(enrolled, [[], [], []]);
  expect(next(enrolled, [[frame], [], []]).record).toEqual(without.record);
});

test("a frame nobody can fetch blocks only where f + 1 have it", () => {
  const lost = { frame: () => undefined };
  const alone = makeRecord(enrolled, { ...given(EPOCH, [[frame], [], []]), frames: lost }, PARTS);
  expect(counts(alone)).toEqual([]);
  const both = { ...given(EPOCH, [[frame], [frame], []]), frames: lost };
  expect(() => makeRecord(enrolled, both, PARTS)).toThrow(/not at hand/);
});

test("a late frame counts for its date within the window, and not after", () => {
  let record = enrolled;
  for (let epoch = 0; epoch < 3; epoch++) record = next(record, [[], [], []]);
  const late = [[frame], [frame], []];
  expect(counts(next(record, late))).toEqual([]);
  expect(counts(next(next(next(enrolled, [[], [], []]), [[], [], []]), late))).toEqual(["0: 1/0-0"]);
});

test("what left the window never counts again, however it is dated", () => {
  let record = next(enrolled, [[frame], [frame], []]);
  for (let epoch = 0; epoch < 3; epoch++) record = next(record, [[], [], []]);
  expect(counts(record)).toEqual([]);
  const again = makeFrame([reading()], { time: START + 4 * SECONDS });
  expect(counts(next(record, [[again], [again], []]))).toEqual([]);
});

describe("a place with two authentic frames", () => {
  const other = makeFrame([reading("temperature", "Cel", 1)]);

  test("counts for nobody where both are held", () => {
    const one = next(enrolled, [[frame], [frame], [other], [other]]);
    expect(counts(one)).toEqual([]);
    expect(counts(next(one, [[frame], [frame], [frame]]))).toEqual([]);
  });

  test("counts for nobody where a leader shows both", () => {
    const evidence = [[frame, other]] as const;
    const one = next(enrolled, [[frame], [frame], []], { evidence });
    expect(counts(one)).toEqual([]);
    expect(next(enrolled, [[frame], [frame], []], { evidence: [[other, frame]] }).record).toEqual(one.record);
    const same = [[frame, frame]] as const;
    expect(() => next(enrolled, [[], [], []], { evidence: same })).toThrow(/the same/);
  });
});

test("frames without a clock are dated by the first that has one, unless a gap is not declared", () => {
  const dark = makeFrame([reading()], { uptime: 50, clock: 0 });
  const after = (sequence: number, dropped = [] as { boot: number; first: number; last: number }[]) =>
    makeFrame([reading()], {
      sequence,
      dropped,
      prev: prevAfter(dark),
      uptime: 50 + SECONDS,
      time: START + SECONDS,
    });
  const count = (last: Uint8Array) => {
    const held = [[dark, last], [dark, last], []];
    return counts(next(next(enrolled, [[], [], []]), held));
  };
  expect(count(after(1))).toEqual(["0: 1/0-0", "1: 1/1-1"]);
  expect(count(after(2))).toEqual(["1: 1/2-2"]);
  expect(count(after(2, [{ boot: 1, first: 1, last: 1 }]))).toEqual(["0: 1/0-0", "1: 1/2-2"]);
});

test("what is not linked, out of range or in the future does not count", () => {
  const broken = makeFrame([reading()], { sequence: 1, prev: new Uint8Array(16).fill(7) });
  expect(counts(next(enrolled, [[frame, broken], [frame, broken], []]))).toEqual(["0: 1/0-0"]);
  const hot = makeFrame([reading("temperature", "Cel", 9000)]);
  expect(counts(next(enrolled, [[hot], [hot], []]))).toEqual([]);
  const soon = makeFrame([reading()], { time: START + SECONDS });
  expect(counts(next(enrolled, [[soon], [soon], []]))).toEqual([]);
});

test("the golden record", () => {
  const { record } = next(enrolled, [[frame, second], [frame, second], []]);
  expect(TEST_HEADER.time).toBe(START);
  expect(hexOf(record.state)).toBe("056228ba5f7437e93044c5389d35a1f6b76d6b11ecc03800a492ff048605119e");
  expect(hexOf(recordHash(record))).toBe("0dc23e1ee964795bc9d87a1ef305178983a3e4245aa3a4fe73514f2f9959fee9");
});
