import { describe, expect, test } from "@jest/globals";
import { STATUS_ID } from "../../agent/uplink/session.js";
import { CONFIG, LATENCY, UplinkHarness } from "./uplink-harness.js";

const upTo = (end: number) => Array.from({ length: end }, (_, i) => i);
const TWO = { copies: 2, acknowledgements: 2, window: 8, timeout: 3000 };

/** Publications of the frames from `first` on, by frame. */
function copiesOf(line: UplinkHarness, first: number): number[] {
  const counts: number[] = [];
  for (const id of line.published())
    if (id !== undefined && id >= first) counts[id - first] = (counts[id - first] ?? 0) + 1;
  return counts;
}

describe("another broker takes the place of one that fails", () => {
  const FAILURES = [
    { name: "killed", fail: (line: UplinkHarness) => line.broker(0).kill(), within: 1000 },
    { name: "frozen", fail: (line: UplinkHarness) => (line.broker(0).frozen = true), within: 5000 },
  ];
  const LOADS = [
    { load: "at ten frames a second", frames: 0, interval: 100 },
    { load: "at a frame a second", frames: 0, interval: 1000 },
    { load: "with a long backlog", frames: 200, interval: 100 },
  ];
  const cases = FAILURES.flatMap((failure) => LOADS.map((load) => ({ ...failure, ...load })));

  test.each(cases)("$name, $load: frames leave again within $within ms", (row) => {
    const { fail, within, frames, interval } = row;
    const line = new UplinkHarness(3, TWO, { frames });
    line.uplink.start();
    line.sample(5, interval);
    expect(line.uplink.brokers).toEqual(["b0", "b1"]);
    const moment = line.clock.uptime();
    fail(line);
    line.sample(60, interval);
    expect(line.nextAfter(moment)).toBeLessThan(within + interval);
    if (interval < 1000) expect(line.nextAfter(moment)).toBeLessThan(within);
    expect([...line.uplink.brokers].sort()).toEqual(["b1", "b2"]);
    line.clock.advance(10_000);
    expect([line.journal.pending, line.arrived, line.flaws]).toEqual([0, upTo(frames + 65), []]);
  });

  test("frozen while nothing is owed: found when the next frame is due, and not before", () => {
    const line = new UplinkHarness(3, TWO);
    line.uplink.start();
    line.clock.advance(1000);
    line.broker(0).frozen = true;
    line.clock.advance(60_000);
    expect(line.uplink.brokers).toEqual(["b0", "b1"]);
    const moment = line.clock.uptime();
    line.add(1).uplink.pump();
    line.clock.advance(5000);
    expect(line.nextAfter(moment)).toBeLessThan(TWO.timeout + 5 * LATENCY);
    expect(line.uplink.brokers).toEqual(["b1", "b2"]);
  });

  test("a substitute that is down, too, is passed over for the next", () => {
    const line = new UplinkHarness(5, TWO);
    line.broker(2).kill();
    line.broker(3).kill();
    line.uplink.start();
    line.sample(5, 100);
    expect(line.used).toEqual(["b0", "b1"]);
    line.broker(0).kill();
    const moment = line.clock.uptime();
    line.sample(10, 100);
    expect(line.nextAfter(moment)).toBeLessThan(1000);
    expect(line.uplink.brokers).toEqual(["b1", "b4"]);
  });

  test("and is left again when that one is back; what it acknowledged counts, and no frame goes out thrice", () => {
    const line = new UplinkHarness(3, TWO);
    line.broker(0).kill();
    line.broker(2).latency = 250;
    line.uplink.start();
    line.clock.advance(1000);
    line.sample(20, 100);
    expect(line.uplink.brokers).toEqual(["b1", "b2"]);
    line.broker(0).restart();
    line.sample(100, 100);
    expect(line.uplink.brokers).toEqual(["b0", "b1"]);
    expect(line.events.filter((event) => event.startsWith("b2"))).toEqual([
      "b2 opened",
      "b2 closed: not needed",
    ]);
    line.clock.advance(5000);
    expect([line.journal.pending, line.journal.losses, line.arrived]).toEqual([0, [], upTo(120)]);
    expect(copiesOf(line, 0)).toEqual(upTo(120).map(() => 2));
    expect(line.flaws).toEqual([]);
  });

  test("what a substitute acknowledged counts after it was left", () => {
    const line = new UplinkHarness(3, TWO);
    line.broker(0).kill();
    line.uplink.start();
    line.clock.advance(100);
    line.broker(1).latency = 2900;
    line.add(1).uplink.pump();
    line.clock.advance(LATENCY);
    expect(line.of("acknowledged", "b2")).toHaveLength(1);
    line.broker(0).restart();
    line.clock.advance(2900 - LATENCY - 1);
    expect([line.uplink.brokers, line.journal.pending]).toEqual([["b0", "b1"], 1]);
    line.clock.advance(1);
    expect([line.journal.pending, line.used]).toEqual([0, ["b1", "b2"]]);
  });

  test("a substitute that is left while it owes something is heard out first", () => {
    const line = new UplinkHarness(2, { copies: 1 });
    line.broker(0).kill();
    line.uplink.start();
    line.clock.advance(100);
    expect(line.uplink.brokers).toEqual(["b1"]);
    line.broker(0).restart();
    line.broker(1).latency = 4000;
    line.clock.advance(100);
    line.add(1).uplink.pump();
    line.clock.advance(3999);
    expect([line.uplink.brokers, line.of("close", "b1").length, line.journal.pending]).toEqual([
      ["b0"],
      0,
      1,
    ]);
    line.clock.advance(1);
    expect([line.of("close", "b1").length, line.journal.pending, line.used]).toEqual([1, 0, ["b1"]]);
  });

  test("a substitute that freezes while it is left: what it held goes to the others", () => {
    const line = new UplinkHarness(2, { copies: 1 });
    line.broker(0).kill();
    line.uplink.start();
    line.clock.advance(100);
    line.broker(0).restart();
    line.broker(1).frozen = true;
    line.add(2).uplink.pump();
    line.clock.advance(CONFIG.timeout + 8 * CONFIG.backoff.min);
    expect([line.uplink.brokers, line.journal.pending, line.arrived]).toEqual([["b0"], 0, [0, 1]]);
    expect(line.flaws).toEqual([]);
  });

  test("with no broker to spare, the frames wait for the one that failed", () => {
    const line = new UplinkHarness(2, TWO, { frames: 3 });
    line.uplink.start();
    line.clock.advance(15);
    line.broker(1).kill();
    line.clock.advance(5000);
    expect(line.journal.pending).toBe(3);
    line.broker(1).restart();
    line.clock.advance(5000 + 3 * LATENCY);
    expect([line.journal.pending, line.flaws]).toEqual([0, []]);
  });
});

describe("a broker that is slow", () => {
  /** Brokers in use after 20 frames of which `latencies` say how long their acknowledgements took. */
  const used = (latencies: readonly number[], window: number) => {
    const line = new UplinkHarness(3, { ...TWO, window });
    line.uplink.start();
    line.clock.advance(LATENCY);
    for (const [i, latency] of latencies.entries()) line.broker(i).latency = latency;
    line.sample(20, 2500);
    expect([line.journal.pending <= 1, line.journal.losses, line.flaws]).toEqual([true, [], []]);
    return [...line.uplink.brokers].sort();
  };
  test.each([
    {
      name: "8 times slower than the fastest, and over a second: replaced",
      latencies: [1500, 150, 10],
      brokers: ["b1", "b2"],
    },
    { name: "the second of two: replaced likewise", latencies: [10, 1500, 10], brokers: ["b0", "b2"] },
    { name: "under a second: kept", latencies: [990, 10, 10], brokers: ["b0", "b1"] },
    { name: "over a second, but not 8 times: kept", latencies: [1500, 400, 10], brokers: ["b0", "b1"] },
    { name: "both: kept, as none is fast beside them", latencies: [2000, 2000, 10], brokers: ["b0", "b1"] },
  ])("$name", ({ latencies, brokers }) => {
    expect(used(latencies, 1)).toEqual(brokers);
    expect(used(latencies, 8)).toEqual(brokers);
  });

  test("is found out when many frames are on their way, too", () => {
    const line = new UplinkHarness(3, TWO, { frames: 200 });
    line.uplink.start();
    line.clock.advance(LATENCY);
    line.broker(0).latency = 2000;
    line.clock.advance(60_000);
    expect([line.uplink.brokers, line.journal.pending]).toEqual([["b1", "b2"], 0]);
  });

  test("is used where there is no other", () => {
    const line = new UplinkHarness(2, TWO);
    line.broker(0).latency = 2000;
    line.uplink.start();
    line.sample(20, 2500);
    expect([line.uplink.brokers, line.arrived.length]).toEqual([["b0", "b1"], 20]);
  });
});

describe("a broker that is found later", () => {
  test("is used where brokers are missing", () => {
    const line = new UplinkHarness(2, TWO, { links: 1, frames: 2 });
    line.uplink.start();
    line.clock.advance(1000);
    expect(line.uplink.brokers).toEqual(["b0"]);
    line.uplink.add(line.link(1));
    line.clock.advance(1000);
    expect([line.uplink.brokers, line.journal.pending, line.flaws]).toEqual([["b0", "b1"], 0, []]);
  });

  test("waits until it is needed, otherwise", () => {
    const line = new UplinkHarness(3, TWO, { links: 2 });
    line.uplink.start();
    line.clock.advance(1000);
    line.uplink.add(line.link(2));
    line.clock.advance(60_000);
    expect(line.of("open", "b2")).toEqual([]);
    line.broker(0).kill();
    line.clock.advance(LATENCY);
    expect(line.uplink.brokers).toEqual(["b1", "b2"]);
  });

  test("before the start: is opened with the others, and not before", () => {
    const line = new UplinkHarness(1, {}, { links: 0 });
    line.uplink.add(line.link(0));
    line.clock.advance(1000);
    expect(line.log).toEqual([]);
    line.uplink.start();
    line.clock.advance(1000);
    expect(line.uplink.brokers).toEqual(["b0"]);
  });

  test("a second time, or one of the first: is ignored", () => {
    const line = new UplinkHarness(2, { copies: 3 }, { links: 1 });
    line.uplink.start();
    for (const index of [0, 1, 1, 0]) line.uplink.add(line.link(index));
    line.clock.advance(60_000);
    expect(line.of("open").map(({ link }) => link)).toEqual(["b0", "b1"]);
  });

  test("beyond 30: is left alone", () => {
    const line = new UplinkHarness(31, { copies: 30 }, { links: 30 });
    line.uplink.start();
    line.clock.advance(1000);
    line.broker(0).kill();
    line.uplink.add(line.link(30));
    line.clock.advance(60_000);
    expect(line.of("open", "b30")).toEqual([]);
  });
});

describe("a broker that takes sessions and frames, and acknowledges none", () => {
  const absent = 20_000;
  const MANNERS = [
    { name: "it says nothing", turn: (line: UplinkHarness) => (line.broker(1).mute = true) },
    { name: "it refuses each", turn: (line: UplinkHarness) => (line.broker(1).refusal = "not authorized") },
    { name: "nobody is subscribed there", turn: (line: UplinkHarness) => line.unsubscribe(1) },
  ];
  test.each(MANNERS)("$name: none waits for it longer than for one that is away", ({ turn }) => {
    const line = new UplinkHarness(2, { ...TWO, absent });
    turn(line);
    line.onOpened = () => line.uplink.publish(STATUS_ID, "s", Uint8Array.of(1), true); // which it acknowledges
    line.uplink.start();
    line.sample(absent / 1000 - 1, 1000);
    expect(line.left).toEqual([]);
    line.sample(60, 1000);
    expect(line.journal.pending).toBeLessThanOrEqual(1);
    // From then on they wait no more at all, however often it is tried.
    expect(
      Math.max(...line.left.slice(-40).map((at, i, all) => at - (all[i - 1] ?? at))),
    ).toBeLessThanOrEqual(1000);
    expect(line.arrived).toEqual(upTo(absent / 1000 + 59));
  });

  test("its reason is told", () => {
    const line = new UplinkHarness(1, { absent }, { frames: 1 });
    line.broker(0).refusal = "not authorized";
    line.uplink.start();
    line.clock.advance(10 * LATENCY);
    expect(line.events).toContain("b0 closed: not authorized");
    expect(line.journal.pending).toBe(1);
  });

  test("once it acknowledges, frames wait for it again", () => {
    const line = new UplinkHarness(2, { ...TWO, absent });
    line.broker(1).mute = true;
    line.uplink.start();
    line.sample(40, 1000);
    expect(line.journal.pending).toBeLessThanOrEqual(1);
    line.broker(1).mute = false;
    line.sample(20, 1000);
    const moment = line.clock.uptime();
    line.broker(1).latency = 500;
    line.add(1).uplink.pump();
    line.clock.advance(1000);
    expect(line.nextAfter(moment)).toBe(500);
  });

  test("takes nobody's place: the substitute is kept until it has acknowledged something", () => {
    const line = new UplinkHarness(3, { ...TWO, absent });
    line.broker(0).mute = true;
    line.uplink.start();
    line.sample(60, 1000);
    expect(line.events.filter((event) => event === "b2 closed: not needed")).toEqual([]);
    line.broker(0).mute = false;
    line.sample(20, 1000);
    expect([line.uplink.brokers, line.journal.pending <= 1]).toEqual([["b0", "b1"], true]);
  });

  test("passes over a frame and takes others: the frame waits no longer than that, either", () => {
    const line = new UplinkHarness(2, { ...TWO, absent });
    const broker = line.broker(1);
    line.uplink.start();
    line.sample(3, 1000);
    broker.mute = true;
    line.add(1).uplink.pump();
    line.clock.advance(LATENCY + 1);
    broker.mute = false;
    line.sample(60, 1000);
    const waited = line.left.findIndex((at, i, all) => at - (all[i - 1] ?? 0) > absent);
    expect([waited, line.journal.pending, line.arrived]).toEqual([-1, 0, upTo(64)]);
  });
});
