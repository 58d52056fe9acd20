import { describe, expect, test } from "@jest/globals";
import { VERDICTS, type Verdict } from "../../../agent/frame/verdict.js";
import { createSigner } from "../../../node/ports/signer.js";
import { hexOf, makeFrame, reading, TEST_HEADER, testKid } from "../../support/frames.js";
import { JudgeHarness, testDid } from "../../support/judge-harness.js";
import { Chain } from "./board.js";

const T = TEST_HEADER.time;

const stranger = createSigner(new Uint8Array(32).fill(2));
/** The group order of secp256k1 (SEC 2 §2.4.1). */
const ORDER = 0xffff_ffff_ffff_ffff_ffff_ffff_ffff_fffe_baae_dce6_af48_a03b_bfd2_5e8c_d036_4141n;

function withHighS(frame: Uint8Array): Uint8Array {
  const twin = frame.slice();
  const s = BigInt(`0x${hexOf(frame.subarray(-32))}`);
  twin.set(Buffer.from((ORDER - s).toString(16).padStart(64, "0"), "hex"), frame.length - 32);
  return twin;
}

/** The signature's head in three bytes instead of two. */
function inLongForm(frame: Uint8Array): Uint8Array {
  const at = frame.length - 66;
  return Uint8Array.of(...frame.subarray(0, at), 0x59, 0x00, 0x40, ...frame.subarray(at + 2));
}

function flipped(frame: Uint8Array, at: number): Uint8Array {
  const other = frame.slice();
  other[at] = (other[at] as number) ^ 1;
  return other;
}

/** Each row makes frames of which the last to be judged gets `verdict`; those before it are fine. */
const PRODUCED: {
  verdict: Verdict;
  name: string;
  frames: () => Uint8Array[];
  detail?: string;
  site?: string;
}[] = [
  { verdict: "ok", name: "a frame", frames: () => [makeFrame()] },
  {
    verdict: "duplicate",
    name: "the same bytes again",
    frames: () => [makeFrame(), makeFrame()],
    detail: "the same frame came before",
  },
  { verdict: "malformed", name: "no bytes", frames: () => [new Uint8Array(0)] },
  { verdict: "malformed", name: "rubbish", frames: () => [Uint8Array.of(0xff, 0x00)] },
  { verdict: "malformed", name: "cut short", frames: () => [makeFrame().subarray(0, -1)] },
  { verdict: "malformed", name: "a byte too much", frames: () => [Uint8Array.of(...makeFrame(), 0)] },
  { verdict: "non-canonical", name: "a length in more bytes", frames: () => [inLongForm(makeFrame())] },
  {
    verdict: "wrong-network",
    name: "signed for another network",
    frames: () => [makeFrame(undefined, {}, { network: "other" })],
    detail: 'signed for "other", not for "demo"',
  },
  {
    verdict: "unknown-device",
    name: "signed by somebody else",
    frames: () => [makeFrame(undefined, {}, { signer: stranger })],
    detail: "the registry has no such device",
  },
  { verdict: "high-s", name: "the signature's twin", frames: () => [withHighS(makeFrame())] },
  {
    verdict: "bad-signature",
    name: "a bit of r",
    frames: () => [flipped(makeFrame(), makeFrame().length - 40)],
  },
  {
    verdict: "bad-signature",
    name: "a bit of the value",
    frames: () => [flipped(makeFrame(), makeFrame().length - 85)],
  },
  {
    verdict: "bad-signature",
    name: "a bad copy of a frame that came, which is no equivocation",
    frames: () => [makeFrame(), flipped(makeFrame(), makeFrame().length - 40)],
  },
  {
    verdict: "equivocation",
    name: "another value for the same boot and sequence",
    frames: () => [makeFrame(), makeFrame([reading("temperature", "Cel", 2154)])],
    detail: "the device signed other bytes for the same boot and sequence",
  },
  {
    verdict: "broken-chain",
    name: "one is missing",
    frames: () => new Chain().run(3).filter((_, i) => i !== 1),
    detail: "does not continue the frame before it, and no loss is declared",
  },
  {
    verdict: "broken-chain",
    name: "the next number after a frame that another one came for",
    frames() {
      const [, second] = new Chain().run(2) as [Uint8Array, Uint8Array];
      return [makeFrame([reading("temperature", "Cel", 1)]), second];
    },
  },
  {
    verdict: "late",
    name: "it comes after its gap was declared and passed, without those beside it",
    frames() {
      const chain = new Chain();
      const [first, , third] = chain.run(4) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
      return [first, chain.next({ dropped: [{ boot: 1, first: 1, last: 3 }] }), third];
    },
    detail: "its place in the chain was passed, and it follows no frame there",
  },
  {
    verdict: "future",
    name: "a year after the judge's clock",
    frames: () => [makeFrame(undefined, { time: T + 366 * 86_400 })],
    detail: "dated 31536000 s after the judge's clock",
  },
  {
    verdict: "unknown-configuration",
    name: "sensors configured in another way",
    frames: () => [makeFrame([reading()], { configuration: "0ddba110ddba1100" })],
    detail: "its sensors are configured as 0ddba110ddba1100, enrolled for c0f1c0f1c0f1c0f1, 4f53cda18c2baa0c",
  },
  {
    verdict: "clock-jump",
    name: "an uptime that falls",
    frames() {
      const chain = new Chain();
      return [chain.next(), chain.next({ uptime: 59, time: T - 1 })];
    },
    detail: "its uptime falls from 60 to 59 s within a boot",
  },
  {
    verdict: "clock-jump",
    name: "an hour back in a clock that was not set",
    frames() {
      const chain = new Chain();
      return [chain.next(), chain.next({ uptime: 70, time: T + 10 - 3600 })];
    },
    detail: "its time of day moves by -3600 s against its uptime, and its clock's state does not change",
  },
  {
    verdict: "broken-chain",
    name: "zeros in mid-chain, behind a gap that it declares",
    frames() {
      const chain = new Chain();
      const [first] = chain.run(3) as [Uint8Array];
      return [first, chain.next({ prev: new Uint8Array(16), dropped: [{ boot: 1, first: 1, last: 2 }] })];
    },
    detail:
      "follows an earlier frame than the one before it, or none: the chain forks, whatever losses are declared",
  },
  {
    verdict: "out-of-range",
    name: "a name that is not enrolled",
    frames: () => [makeFrame([reading(), reading("wind", "m/s", 3, 0)])],
    detail: 'not enrolled for "wind"',
  },
  {
    verdict: "out-of-range",
    name: "another unit",
    frames: () => [makeFrame([reading("temperature", "K", 29465)])],
    detail: '"temperature" is in K, enrolled in Cel',
  },
  {
    verdict: "out-of-range",
    name: "above what is believed",
    frames: () => [makeFrame([reading("temperature", "Cel", 8501)])],
    detail: '"temperature" is 85.01 Cel, enrolled for -40 to 85',
  },
  {
    verdict: "out-of-range",
    name: "below what is believed, in a later reading",
    frames: () => [makeFrame([reading(), reading("humidity", "%RH", -1, 0)])],
    detail: '"humidity" is -1 %RH, enrolled for 0 to 100',
  },
];

describe("verdicts", () => {
  test.each(PRODUCED)("$verdict: $name", ({ verdict, frames, detail }) => {
    const judge = new JudgeHarness().receive(...frames()).giveUp();
    const before = judge.judgements.slice(0, -1);
    expect(before.map((judgement) => judgement.verdict)).toEqual(before.map(() => "ok"));
    const last = judge.judgements.at(-1);
    expect(last).toMatchObject({ ok: verdict === "ok", verdict, ...(detail !== undefined && { detail }) });
    expect(last?.bytes).toBe(frames().at(-1)?.length);
    expect(judge.subject.waiting).toBe(0);
  });

  test("the table above has every verdict that there is", () => {
    expect([...new Set(PRODUCED.map(({ verdict }) => verdict))].sort()).toEqual([...VERDICTS].sort());
  });

  test.each(PRODUCED)("$verdict ($name): kept where it is authentic and new", ({ verdict, frames }) => {
    const judge = new JudgeHarness().receive(...frames());
    const authentic = [
      "ok",
      "broken-chain",
      "late",
      "future",
      "clock-jump",
      "unknown-configuration",
      "out-of-range",
    ].includes(verdict);
    expect(judge.kept).toHaveLength(frames().length - (authentic ? 0 : 1));
  });
});

describe("what a judgement says", () => {
  test("all of a good frame", () => {
    const frame = makeFrame([reading(), reading("temperature", "Cel", -5, 0, 1500)]);
    expect(new JudgeHarness().receive(frame).judgements).toEqual([
      {
        ok: true,
        verdict: "ok",
        device: testDid,
        site: "roof",
        kid: hexOf(testKid),
        boot: 1,
        sequence: 0,
        time: T,
        clock: 2,
        uptime: 60,
        bytes: frame.length,
        readings: [
          { name: "temperature", unit: "Cel", value: 21.53, time: T },
          { name: "temperature", unit: "Cel", value: -5, time: T - 1.5 },
        ],
      },
    ]);
  });

  test.each([
    [2153, -2, 21.53],
    [1, -1, 0.1],
    [-401, -1, -40.1],
    [8499999999, -8, 84.99999999],
    [3, -9, 3e-9],
    [0, 0, 0],
  ])("%i × 10^%i is %d exactly", (mantissa, exponent, value) => {
    const judge = new JudgeHarness().receive(makeFrame([reading("temperature", "Cel", mantissa, exponent)]));
    expect(judge.judgements[0]?.readings?.[0]?.value).toBe(value);
  });

  test("the bounds themselves are believed", () => {
    const readings = [reading("temperature", "Cel", -40, 0), reading("temperature", "Cel", 850, -1)];
    expect(new JudgeHarness().receive(makeFrame(readings)).verdicts).toEqual(["ok"]);
  });

  test("declared losses", () => {
    const dropped = [{ boot: 1, first: 4, last: 6 }];
    const judge = new JudgeHarness().receive(makeFrame(undefined, { boot: 2, dropped }));
    expect(judge.judgements[0]).toMatchObject({ verdict: "ok", dropped });
  });

  test("no reading of a frame that is not the device's", () => {
    for (const frame of [
      flipped(makeFrame(), makeFrame().length - 40),
      makeFrame(undefined, {}, { network: "x" }),
    ]) {
      const [judgement] = new JudgeHarness().receive(frame).judgements;
      expect(judgement).not.toHaveProperty("readings");
      expect(judgement).not.toHaveProperty("site");
      expect(judgement).toMatchObject({ kid: hexOf(testKid), boot: 1, sequence: 0, device: testDid });
    }
  });

  test("of an unknown device: its kid, and no name", () => {
    const [judgement] = new JudgeHarness().receive(makeFrame(undefined, {}, { signer: stranger })).judgements;
    expect(judgement).toMatchObject({ device: null, boot: 1 });
    expect(judgement?.kid).not.toBe(hexOf(testKid));
  });

  test("of what is no frame: that, and its length", () => {
    const [judgement] = new JudgeHarness().receive(Uint8Array.of(0xd2)).judgements;
    expect(Object.keys(judgement ?? {}).sort()).toEqual(["bytes", "detail", "device", "ok", "verdict"]);
  });
});

describe("order", () => {
  test("judgements come in the order of signing, whatever the order of arrival", () => {
    const [a, b, c, d] = new Chain().run(4) as [Uint8Array, Uint8Array, Uint8Array, Uint8Array];
    const judge = new JudgeHarness().receive(d, b, c);
    expect([judge.verdicts, judge.subject.waiting]).toEqual([[], 3]);
    judge.receive(a);
    expect(judge.judgements.map(({ sequence }) => sequence)).toEqual([0, 1, 2, 3]);
    expect([judge.of("ok").length, judge.subject.waiting]).toEqual([4, 0]);
  });

  test("what waits is judged when patience ends, and only then", () => {
    const [a, , c] = new Chain().run(3) as [Uint8Array, Uint8Array, Uint8Array];
    const judge = new JudgeHarness().receive(a);
    judge.now += 100_000;
    judge.receive(c);
    judge.now += 29_999;
    expect(judge.giveUp(30_000).verdicts).toEqual(["ok"]);
    judge.now += 1;
    expect(judge.giveUp(30_000).verdicts).toEqual(["ok", "broken-chain"]);
  });

  test("a device's first frame that is seen waits a second only: what came before this judge does not come", () => {
    const [, b, c] = new Chain().run(3) as [Uint8Array, Uint8Array, Uint8Array];
    const judge = new JudgeHarness().receive(b, c);
    judge.now += 999;
    expect(judge.giveUp(30_000).verdicts).toEqual([]);
    judge.now += 1;
    expect(judge.giveUp(30_000).verdicts).toEqual(["ok", "ok"]);
  });

  test("a gap behind a device's first frame gets the patience of any gap", () => {
    const [, b, c, d, e] = new Chain().run(5) as Uint8Array[];
    const judge = new JudgeHarness().receive(b as Uint8Array, e as Uint8Array);
    judge.now += 1000;
    expect(judge.giveUp(30_000).verdicts).toEqual(["ok"]);
    judge.now += 29_000;
    expect(judge.giveUp(30_000).receive(d as Uint8Array, c as Uint8Array).verdicts).toEqual([
      "ok",
      "ok",
      "ok",
      "ok",
    ]);
  });

  test("progress elsewhere in the chain restarts patience; frames that only wait do not", () => {
    const [a, b, c, d, e] = new Chain().run(5) as [
      Uint8Array,
      Uint8Array,
      Uint8Array,
      Uint8Array,
      Uint8Array,
    ];
    const judge = new JudgeHarness().receive(a, c);
    judge.now += 20_000;
    judge.receive(d);
    judge.now += 15_000;
    expect(new Set(judge.giveUp(30_000).verdicts)).toEqual(new Set(["ok", "broken-chain"]));
    expect(judge.receive(b, e).verdicts.slice(-2)).toEqual(["ok", "ok"]);
  });

  test("patience of 0 ends all waiting, even where the clock went back", () => {
    const judge = new JudgeHarness().receive(new Chain().run(2)[1] as Uint8Array);
    judge.now -= 3_600_000;
    judge.giveUp(30_000);
    expect(judge.verdicts).toEqual([]);
    expect(judge.giveUp().judgements).toMatchObject([
      { verdict: "ok", detail: "the chain is followed from here on" },
    ]);
  });

  test("devices do not wait for each other", () => {
    const judge = new JudgeHarness().receive(
      new Chain().run(2)[1] as Uint8Array,
      makeFrame(undefined, {}, { signer: stranger }),
    );
    expect(judge.verdicts).toEqual(["unknown-device"]);
  });
});

describe("a frame that cannot be kept", () => {
  test("is as if it had not come", () => {
    const [a, b, c] = new Chain().run(3) as [Uint8Array, Uint8Array, Uint8Array];
    const judge = new JudgeHarness().receive(a);
    judge.full = true;
    expect(() => judge.receive(b)).toThrow("the disk is full");
    expect(() => judge.receive(b)).toThrow("the disk is full");
    judge.full = false;
    judge.receive(c);
    expect([judge.verdicts, judge.subject.waiting]).toEqual([["ok"], 1]);
    judge.receive(b, b);
    expect(judge.verdicts).toEqual(["ok", "ok", "ok", "duplicate"]);
    expect(judge.kept).toEqual([a, c, b]);
  });

  test("what need not be kept is judged all the same", () => {
    const judge = new JudgeHarness().receive(makeFrame());
    judge.full = true;
    judge.receive(makeFrame(), makeFrame([reading("temperature", "Cel", 1)]), new Uint8Array(1));
    expect(judge.verdicts).toEqual(["ok", "duplicate", "equivocation", "malformed"]);
  });
});
