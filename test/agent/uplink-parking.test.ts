import { describe, expect, test } from "@jest/globals";
import { runs } from "../support/runs.js";
import { seededRandom } from "./agent-harness.js";
import { CONFIG, LATENCY, SECTOR_FRAMES, UplinkHarness } from "./uplink-harness.js";

const upTo = (end: number) => Array.from({ length: end }, (_, i) => i);
const TWO = { copies: 2, acknowledgements: 2, window: 4 };
const sorted = (ids: readonly (number | undefined)[]) => ids.map(Number).sort((a, b) => a - b);

const ORDERS = [{ order: "oldest" }, { order: "newest" }] as const;

describe.each(ORDERS)("one of two brokers is away ($order first)", ({ order }) => {
  const config = { ...TWO, order };

  test("frames do not wait for it on their way to the other, and none leaves; it gets all when it is back", () => {
    const line = new UplinkHarness(2, config);
    line.uplink.start();
    line.clock.advance(LATENCY);
    line.broker(1).kill();
    for (let i = 0; i < 3 * TWO.window; i++) {
      line.sample(1, 100);
      expect(line.of("acknowledged", "b0")).toHaveLength(i + 1);
    }
    expect([line.journal.pending, line.left]).toEqual([12, []]);
    line.broker(1).restart();
    line.clock.advance(CONFIG.backoff.max + 12 * LATENCY);
    for (const name of ["b0", "b1"]) expect(sorted(line.published(name))).toEqual(upTo(12));
    expect([line.journal.pending, line.left.length, line.flaws]).toEqual([0, 12, []]);
  });

  test("a long backlog, new frames in between: the same", () => {
    const line = new UplinkHarness(2, config, { frames: 90 });
    line.broker(1).kill();
    line.uplink.start();
    line.sample(60, 7);
    line.clock.advance(CONFIG.absent - 60 * 7 - 1);
    line.uplink.pump();
    expect([sorted(line.published("b0")), line.left]).toEqual([upTo(150), []]);
    line.broker(1).restart();
    line.clock.advance(CONFIG.backoff.max + 150 * LATENCY);
    for (const name of ["b0", "b1"]) expect(sorted(line.published(name))).toEqual(upTo(150));
    expect([line.journal.pending, line.flaws]).toEqual([0, []]);
  });

  test("until it has been away for long: then they leave, a window of them each time", () => {
    const line = new UplinkHarness(2, config, { frames: 12 });
    line.broker(1).kill();
    line.uplink.start();
    line.clock.advance(CONFIG.absent - 1);
    line.uplink.pump();
    expect([line.of("acknowledged").length, line.journal.pending]).toEqual([12, 12]);
    line.clock.advance(1);
    for (const pending of [8, 4, 0]) {
      line.uplink.pump();
      expect(line.journal.pending).toBe(pending);
    }
    expect([line.published("b0").length, line.left.length, line.flaws]).toEqual([12, 12, []]);
  });

  test("the other dies: all are sent again, to whoever is there, and none has left", () => {
    const line = new UplinkHarness(3, config, { frames: 12 });
    line.broker(1).kill();
    line.broker(2).kill();
    line.uplink.start();
    line.clock.advance(1000);
    expect(line.of("acknowledged", "b0")).toHaveLength(12);
    line.broker(0).kill();
    line.broker(2).restart();
    line.clock.advance(CONFIG.backoff.max + 12 * LATENCY);
    expect([sorted(line.published("b2")), line.left]).toEqual([upTo(12), []]);
    line.broker(0).restart();
    line.clock.advance(CONFIG.backoff.max + 12 * LATENCY);
    expect(sorted(line.published("b0").slice(12))).toEqual(upTo(12));
    expect([line.journal.pending, line.flaws]).toEqual([0, []]);
  });

  test("back for a moment: what it got in between is sent to it again, and new frames still go to the other", () => {
    const line = new UplinkHarness(2, config, { frames: 40 });
    line.broker(1).kill();
    line.uplink.start();
    line.clock.advance(1000);
    line.broker(1).latency = 100;
    line.broker(1).restart();
    while (line.published("b1").length === 0) line.clock.advance(1);
    line.broker(1).kill();
    line.sample(20, 50);
    expect([sorted(line.published("b0")), line.left]).toEqual([upTo(60), []]);
    line.broker(1).restart();
    line.clock.advance(CONFIG.backoff.max + 60 * 100);
    expect(sorted(line.published("b1").slice(TWO.window))).toEqual(upTo(60));
    expect([line.journal.pending, line.left.length, line.flaws]).toEqual([0, 60, []]);
  });

  test("frames that are pushed out while they are on their way leave their places to others", () => {
    const line = new UplinkHarness(2, config, { sectors: 3, frames: TWO.window });
    line.broker(1).kill();
    line.uplink.start();
    line.clock.advance(LATENCY);
    expect(line.published("b0")).toHaveLength(TWO.window);
    line.add(3 * SECTOR_FRAMES).uplink.pump();
    const { first, pending } = line.journal;
    expect(first).toBeGreaterThanOrEqual(TWO.window);
    line.clock.advance((pending / TWO.window + 2) * LATENCY);
    expect(sorted(line.published("b0").slice(TWO.window))).toEqual(upTo(line.journal.next).slice(first));
  });

  test("three have to have each: one of them alone, all, and two", () => {
    const line = new UplinkHarness(3, { ...config, copies: 3, acknowledgements: 3 }, { frames: 12 });
    for (const index of [1, 2]) line.broker(index).kill();
    line.uplink.start();
    line.clock.advance(1000);
    expect([line.of("acknowledged", "b0").length, line.journal.pending]).toEqual([12, 12]);
    for (const index of [1, 2]) line.broker(index).restart();
    line.clock.advance(2 * CONFIG.backoff.max);
    expect(line.journal.pending).toBe(0);
    line.broker(2).kill();
    line.sample(12, 100);
    for (const name of ["b0", "b1"]) expect(sorted(line.published(name))).toEqual(upTo(24));
    expect([line.journal.pending, line.flaws]).toEqual([12, []]);
  });

  test("while it catches up, a new frame waits for no more than two turns", () => {
    const line = new UplinkHarness(2, { ...config, window: 1 }, { frames: 60 });
    line.broker(1).kill();
    line.uplink.start();
    line.clock.advance(2000);
    line.broker(1).latency = 100;
    line.broker(1).restart();
    while (line.published("b1").length === 0) line.clock.advance(1);
    for (let i = 0; i < 10; i++) {
      const before = line.published("b1").length;
      line.add(1).uplink.pump();
      line.clock.advance(300);
      expect(line.published("b1").slice(before).slice(0, 2)).toContain(60 + i);
    }
    expect(line.flaws).toEqual([]);
  });

  test("frames that are pushed out of the journal meanwhile are with the one that is there: none is told as lost", () => {
    const line = new UplinkHarness(2, config, { sectors: 3 });
    line.broker(1).kill();
    line.uplink.start();
    line.clock.advance(LATENCY);
    line.sample(4 * SECTOR_FRAMES, 20);
    const { first, next } = line.journal;
    expect(first).toBeGreaterThan(0);
    expect(line.journal.losses).toEqual([]);
    line.broker(1).restart();
    line.clock.advance(CONFIG.backoff.max + next * LATENCY);
    expect(sorted(line.published("b0"))).toEqual(upTo(next));
    expect(sorted(line.published("b1"))).toEqual(upTo(next).slice(first));
    expect([line.journal.pending, line.left.length, line.flaws]).toEqual([0, next, []]);
  });
});

describe("a journal that is full", () => {
  const config = { ...TWO, absent: 1e9 };

  test("gives up first what one of two brokers has, and that is not declared lost", () => {
    const line = new UplinkHarness(2, config, { sectors: 3 });
    line.broker(1).kill();
    line.uplink.start();
    line.clock.advance(LATENCY);
    line.sample(4 * SECTOR_FRAMES, 20);
    const { first } = line.journal;
    expect(first).toBeGreaterThan(0);
    expect(line.journal.owed).toEqual([]);
    expect(line.events.filter((event) => event.startsWith("delivered"))).toEqual(
      upTo(first).map((id) => `delivered ${id}`),
    );
  });

  test("declares what that broker may have lost since: its session has ended", () => {
    const line = new UplinkHarness(2, config, { sectors: 3 });
    line.broker(1).kill();
    line.uplink.start();
    line.clock.advance(LATENCY);
    line.sample(SECTOR_FRAMES, 20);
    line.broker(0).kill();
    line.add(3 * SECTOR_FRAMES);
    expect(line.journal.owed).toEqual([{ boot: 1, first: 0, last: line.journal.first - 1 }]);
  });

  test("a frame under way that arrives before the next is signed is not lost either", () => {
    const line = new UplinkHarness(1, { window: 2 }, { frames: 2, sectors: 3 });
    line.uplink.start();
    line.clock.advance(LATENCY);
    expect(sorted(line.published("b0"))).toEqual([0, 1]);
    while (line.journal.first === 0) line.add(1);
    const lost = { boot: 1, first: 0, last: line.journal.first - 1 };
    expect(line.journal.owed).toEqual([lost]);
    line.clock.advance(LATENCY);
    expect(line.journal.owed).toEqual([{ ...lost, first: 2 }]);
    expect(line.events.filter((event) => event.startsWith("delivered")).slice(0, 2)).toEqual([
      "delivered 1",
      "delivered 0",
    ]);
  });

  test("it stays lost where a frame has said so by then", () => {
    const line = new UplinkHarness(1, { window: 2 }, { frames: 2, sectors: 3 });
    line.uplink.start();
    line.clock.advance(LATENCY);
    while (line.journal.first === 0) line.add(1);
    const { owed } = line.journal;
    line.add(1);
    line.clock.advance(LATENCY);
    expect(line.journal.owed).toEqual(owed);
  });
});

test("found brokers alone let none go, and do not hold others up; a configured one gets all when it is there", () => {
  const line = new UplinkHarness(3, TWO, { links: 1, frames: 12 });
  line.broker(0).kill();
  line.uplink.start();
  for (const index of [1, 2]) line.uplink.add(line.link(index));
  line.clock.advance(3 * CONFIG.absent);
  line.uplink.pump();
  for (const name of ["b1", "b2"]) expect(sorted(line.published(name))).toEqual(upTo(12));
  expect(line.left).toEqual([]);
  line.broker(0).restart();
  line.clock.advance(CONFIG.backoff.max + 12 * LATENCY);
  expect(sorted(line.published("b0"))).toEqual(upTo(12));
  expect([line.journal.pending, line.left.length]).toEqual([0, 12]);
});

describe("brokers that come and go as chance has it", () => {
  const CASES = [
    { brokers: 2, copies: 2, acknowledgements: 2 },
    { brokers: 3, copies: 2, acknowledgements: 2 },
    { brokers: 3, copies: 3, acknowledgements: 2 },
    { brokers: 4, copies: 3, acknowledgements: 3 },
  ];

  /** Brokers that have frame `id`, in sessions that last or that the uplink has ended itself. */
  function holdersOf(line: UplinkHarness, id: number): number {
    const holders = new Set<string>();
    for (const { link, what, id: other } of line.log) {
      if (what === "acknowledged" && other === id) holders.add(link);
      if (what === "closed") holders.delete(link);
    }
    return holders.size;
  }

  test.each(CASES)("$acknowledgements of $copies, $brokers brokers", (row) => {
    const { brokers, copies, acknowledgements } = row;
    for (let seed = 1; seed <= runs(40, 8); seed++) {
      const random = seededRandom(seed);
      const byte = new Uint8Array(1);
      const below = (limit: number) => {
        random.fill(byte);
        return (byte[0] as number) % limit;
      };
      const order = seed % 2 === 0 ? "oldest" : "newest";
      const config = { copies, acknowledgements, window: 1 + below(6), order, absent: 1e9 } as const;
      const line = new UplinkHarness(brokers, config, { seed, frames: below(60), sectors: 20 });
      const few: string[] = [];
      line.events.push = (event: string) => {
        const id = event.startsWith("delivered") ? Number(event.split(" ")[1]) : -1;
        if (id >= 0 && holdersOf(line, id) < acknowledgements) few.push(`${seed}: ${event}`);
        return 0;
      };
      const isUp = Array.from({ length: brokers }, () => true);
      line.uplink.start();
      for (let step = 0; step < 60; step++) {
        const which = below(brokers);
        const broker = line.broker(which);
        if (below(3) === 0) {
          if (isUp[which]) broker.kill();
          else broker.restart();
          isUp[which] = !isUp[which];
        }
        broker.latency = LATENCY + below(60);
        line.add(below(5)).uplink.pump();
        line.clock.advance(below(40));
        line.sample(below(4), below(40));
        line.clock.advance(below(255));
      }
      // One alone is enough for all frames to go out.
      for (const [which, broker] of line.brokers.entries()) {
        if (isUp[which]) broker.kill();
        broker.latency = LATENCY;
      }
      line.broker(0).restart();
      line.clock.advance(2 * CONFIG.backoff.max + line.journal.next * LATENCY);
      const opened = line.log.map(({ link, what }) => `${link} ${what}`).lastIndexOf("b0 open");
      const given = new Set(
        line.log.slice(opened).flatMap(({ what, id }) => (what === "publish" ? [id] : [])),
      );
      for (let id = line.journal.atLeast(0); id >= 0; id = line.journal.atLeast(id + 1))
        expect(`${seed}: ${id} ${given.has(id)}`).toBe(`${seed}: ${id} true`);
      for (const broker of line.brokers.slice(1)) broker.restart();
      line.clock.advance(2 * CONFIG.backoff.max + line.journal.next * LATENCY);
      expect([seed, few, line.journal.pending, line.flaws]).toEqual([seed, [], 0, []]);
      expect(line.arrived).toEqual(upTo(line.journal.next));
    }
  });
});
