import { describe, expect, test } from "@jest/globals";
import type { Certificate } from "../../../network/epoch/certificate.js";
import { leaderOf, type Proposal } from "../../../network/epoch/proposal.js";
import { recordHash } from "../../../network/epoch/record.js";
import { NO_RECORD } from "../../../network/epoch/say.js";
import type { KeptSlot } from "../../../network/ports/epoch-store.js";
import { type Disk, VotingNet, violationsOf } from "./voting-net.js";
import { walk } from "./voting-walk.js";

const settledOf = (net: VotingNet) => net.settled.map((chain) => chain.length);
const honestOf = (net: VotingNet) => settledOf(net).filter((_, at) => !net.liars.includes(at));

describe("four witnesses", () => {
  test("settle each epoch, in its first slot, where nothing is wrong", async () => {
    const net = new VotingNet({ witnesses: 4, seed: 1 });
    await net.run(60_000);
    expect(violationsOf(net)).toEqual([]);
    for (const count of settledOf(net)) expect(count).toBeGreaterThanOrEqual(5);
    expect(net.said.filter(({ kind }) => kind === "void")).toEqual([]);
    expect([net.failures, net.evidence]).toEqual([[], []]);
  });

  test("settle without one of them, which catches up by itself", async () => {
    const net = new VotingNet({ witnesses: 4, seed: 2 });
    await net.run(25_000);
    net.kill(1);
    await net.run(100_000);
    const before = net.settled[0]?.length as number;
    expect(before).toBeGreaterThanOrEqual(9);
    net.start(1);
    await net.run(15_000);
    expect(net.settled[1]?.length).toBeGreaterThanOrEqual(before - 2);
    expect(violationsOf(net)).toEqual([]);
  });

  test("settle nothing in halves, and all of it when they hear each other again", async () => {
    const net = new VotingNet({ witnesses: 4, seed: 3 });
    await net.run(20_000);
    const before = Math.max(...settledOf(net));
    net.groups = [0, 0, 1, 1];
    await net.run(60_000);
    expect(Math.max(...settledOf(net))).toBeLessThanOrEqual(before + 1);
    net.groups = [0, 0, 0, 0];
    await net.run(90_000);
    expect(violationsOf(net)).toEqual([]);
    for (const count of settledOf(net)) expect(count).toBeGreaterThanOrEqual(14);
  });

  test("a leader that shows its proposal to one makes a void slot at most, and none that settles twice", async () => {
    const net = new VotingNet({ witnesses: 4, seed: 4, liars: 1 });
    const [liar] = net.liars as [number];
    net.heard = (message) => {
      if (message?.type !== "certificate") return;
      const slot = message.certificate.slot + 1;
      if (leaderOf(slot, 4) !== liar) return;
      const parent = net.settled[0]?.at(-1);
      if (parent === undefined) return;
      for (const [to, mark] of [
        [0, 1],
        [1, 2],
      ] as const) {
        const made = net.make(slot, parent.epoch + 1, parent, mark);
        const say = net.sign(liar, { slot, kind: "vote", record: recordHash(made.record) });
        net.tell(
          to,
          { type: "proposal", proposal: { ...made, say, parent: message.certificate, voids: [] } },
          liar,
        );
      }
    };
    await net.run(200_000);
    expect(violationsOf(net)).toEqual([]);
    for (const count of honestOf(net)) expect(count).toBeGreaterThanOrEqual(12);
    expect(net.evidence.every(([one, other]) => one.witness === liar && other.witness === liar)).toBe(true);
  });

  test("a liar that says all things is found out, and nothing else happens", async () => {
    const net = new VotingNet({ witnesses: 4, seed: 5, liars: 1 });
    const [liar] = net.liars as [number];
    net.heard = (message, at) => {
      if (message?.type !== "say") return;
      const { slot, record, kind } = message.say;
      const other = recordHash(net.make(slot, 1, undefined, 9).record);
      for (let to = 0; to < 3; to++)
        for (const say of [
          net.sign(at, { slot, kind: "void", record: NO_RECORD }),
          net.sign(at, { slot, kind: "final", record: other }),
          net.sign(at, { slot, kind: "vote", record: kind === "vote" ? record : other }),
        ])
          net.tell(to, { type: "say", say }, liar);
    };
    await net.run(150_000);
    expect(violationsOf(net)).toEqual([]);
    expect(net.evidence.length).toBeGreaterThan(0);
    for (const count of honestOf(net)) expect(count).toBeGreaterThanOrEqual(8);
  });
});

test("a proposal whose parent was taken away is not believed", async () => {
  const net = new VotingNet({ witnesses: 4, seed: 6 });
  net.kill(1);
  await net.run(45_000);
  const [disk] = net.disks as [Disk];
  const last = disk.settled;
  const { proposal, votes, finals } = disk.slots.get(last) as Required<KeptSlot>;
  expect([proposal?.parent === undefined, last <= 8]).toEqual([false, true]);
  net.groups = [0, 1, 0, 0];
  net.start(1);
  for (const certificate of [votes, finals] as Certificate[])
    net.tell(1, { type: "certificate", certificate }, 1);
  net.tell(1, { type: "proposal", proposal: { ...(proposal as Proposal), parent: undefined, voids: [] } }, 1);
  await net.run(2000);
  expect(net.settled[1]).toEqual([]);
  net.groups = [0, 0, 0, 0];
  await net.run(20_000);
  expect(net.settled[1]?.[0]?.slot).toBe(net.settled[0]?.[0]?.slot);
  expect(violationsOf(net)).toEqual([]);
});

describe.each([
  [4, 1],
  [7, 2],
])("%i witnesses, %i of them liars", (witnesses, liars) => {
  // scripts/epoch-walks.js has more.
  test.each([14, 16])("with losses, partitions and kills, by seed %i", async (seed) => {
    expect(await walk({ witnesses, liars, seed })).toEqual([]);
  });
});

test("a guard that forgets is found out", async () => {
  const found = [];
  for (let seed = 1; seed <= 8 && found.length === 0; seed++)
    found.push(...(await walk({ witnesses: 4, liars: 1, seed, isForgetful: true })));
  expect(found.join()).toMatch("contradicts itself");
});
