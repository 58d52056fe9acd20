import { expect, test } from "@jest/globals";
import type { Verdict } from "../../../agent/frame/verdict.js";
import { Statistics } from "../../../host-sim/fleet/statistics.js";

const KID = "00112233445566";
const READING = { name: "temperature", unit: "Cel", value: 1, time: null };

function statistics(...signed: number[]) {
  const counted = new Statistics();
  for (const sequence of signed)
    counted.board(KID, { type: "signed", position: { boot: 1, sequence }, bytes: 100, readings: 1 });
  return {
    judge(verdict: Verdict, boot: number, sequence: number, kid = KID) {
      if (verdict === "duplicate") return counted.repeated(verdict);
      const ok = verdict === "ok";
      counted.judged({ ok, verdict, device: null, kid, boot, sequence, bytes: 100, readings: [READING] });
    },
    counts: () => counted.counts(),
  };
}

test("a frame is lost until it is verified", () => {
  const { judge, counts } = statistics(0, 1);
  expect(counts().frames).toMatchObject({ signed: 2, verified: 0, lost: 2 });
  judge("ok", 1, 0);
  judge("duplicate", 1, 0);
  expect(counts().frames).toMatchObject({ signed: 2, verified: 1, duplicate: 1, lost: 1 });
  expect(counts().readings).toEqual({ sampled: 2, verified: 1 });
});

test("frames of another run with the same keys: not verified, and nothing less is lost", () => {
  const { judge, counts } = statistics(0, 1);
  for (let sequence = 0; sequence < 5; sequence++) judge("ok", 7, sequence);
  judge("duplicate", 7, 0);
  expect(counts().frames).toMatchObject({ signed: 2, verified: 0, lost: 2, rejected: {} });
  expect(counts().readings.verified).toBe(0);
  judge("ok", 1, 0);
  judge("ok", 1, 1);
  expect(counts().frames).toMatchObject({ verified: 2, lost: 0 });
});

test("verdicts on frames of others stay, and leave the count of the lost", () => {
  const { judge, counts } = statistics(0);
  judge("ok", 1, 0);
  judge("unknown-device", 1, 0, "ffffffffffffff");
  judge("wrong-network", 9, 3);
  expect(counts().frames).toMatchObject({
    lost: 0,
    rejected: { "unknown-device": 1, "wrong-network": 1 },
  });
});
