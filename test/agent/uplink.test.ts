import { describe, expect, test } from "@jest/globals";
import { CONFIG, LATENCY, SECTOR_FRAMES, UplinkHarness } from "./uplink-harness.js";

const upTo = (end: number) => Array.from({ length: end }, (_, i) => i);

describe("where frames go", () => {
  test.each([
    { copies: 1, preference: 0, first: ["b0"] },
    { copies: 1, preference: 1, first: ["b1"] },
    { copies: 1, preference: 5, first: ["b2"] },
    { copies: 2, preference: 0, first: ["b0", "b1"] },
    { copies: 2, preference: 2, first: ["b2", "b0"] },
    { copies: 3, preference: 1, first: ["b1", "b2", "b0"] },
    { copies: 9, preference: 0, first: ["b0", "b1", "b2"] },
  ])("$copies copies with preference $preference go to $first, and no other is connected", (row) => {
    const { copies, preference, first } = row;
    const line = new UplinkHarness(3, { copies }, { preference });
    line.uplink.start();
    line.clock.advance(LATENCY);
    line.add(1).uplink.pump();
    expect(line.of("publish").map(({ link }) => link)).toEqual(first);
    line.clock.advance(LATENCY);
    expect(line.delivered.sort()).toEqual(first.map((name) => `${name}:t:0`).sort());
    expect([line.journal.pending, line.journal.first]).toEqual([0, 1]);
    expect(line.events.slice(-1)).toEqual(["delivered 0"]);
    line.clock.advance(60_000);
    expect(line.of("open").map(({ link }) => link)).toEqual(first);
    expect(line.uplink.brokers).toEqual(first);
  });

  test("all go out, once", () => {
    const line = new UplinkHarness(2, { copies: 2, acknowledgements: 2 }, { frames: 30 });
    line.uplink.start();
    line.clock.advance(1000);
    for (const name of ["b0", "b1"])
      expect(line.published(name).sort((a, b) => Number(a) - Number(b))).toEqual(upTo(30));
    expect([line.journal.pending, line.clock.pending]).toEqual([0, 0]);
    expect(line.flaws).toEqual([]);
  });

  test("a broker that opens gets what is still on its way", () => {
    const line = new UplinkHarness(2, { copies: 2, acknowledgements: 2 }, { frames: 2 });
    line.broker(1).latency = 50;
    line.uplink.start();
    line.clock.advance(2 * LATENCY);
    expect([line.published("b0"), line.published("b1"), line.journal.pending]).toEqual([[1, 0], [], 2]);
    line.clock.advance(100);
    expect([line.published("b1"), line.journal.pending]).toEqual([[0, 1], 0]);
    expect(line.flaws).toEqual([]);
  });

  test("a frame that was pushed out of the journal is acknowledged to nobody, and its place is used again", () => {
    const line = new UplinkHarness(1, { window: 2, order: "newest" }, { frames: 2, sectors: 3 });
    line.uplink.start();
    line.clock.advance(LATENCY);
    expect(line.published("b0")).toEqual([1, 0]);
    line.add(3 * SECTOR_FRAMES).uplink.pump();
    const { first, next, pending } = line.journal;
    expect(first).toBeGreaterThan(1);
    expect(line.journal.losses).toEqual([{ boot: 1, first: 0, last: first - 1 }]);
    line.clock.advance(10 * LATENCY * pending);
    expect(line.events.filter((event) => event === "delivered 0" || event === "delivered 1")).toEqual([]);
    expect(line.published("b0").slice(2)).toEqual(upTo(next).slice(first).reverse());
    expect([line.journal.pending, line.arrived]).toEqual([0, [0, 1, ...upTo(next).slice(first)]]);
  });

  test("pumped before anything is open, or after all is stopped: nothing is sent", () => {
    const line = new UplinkHarness(1, {}, { frames: 1 });
    line.uplink.pump();
    expect(line.log).toEqual([]);
    line.uplink.start();
    line.uplink.pump();
    line.uplink.stop();
    line.uplink.pump();
    line.clock.advance(60_000);
    expect([line.journal.pending, line.clock.pending, line.published()]).toEqual([1, 0, []]);
  });

  test("more brokers than a set has bits are refused", () => {
    expect(() => new UplinkHarness(31)).toThrow(new RangeError("at most 30 brokers, not 31"));
    const line = new UplinkHarness(30, { copies: 30, acknowledgements: 30 }, { frames: 6 });
    line.uplink.start();
    line.clock.advance(1000);
    expect(line.delivered).toHaveLength(30 * 6);
    expect([line.journal.pending, line.flaws]).toEqual([0, []]);
  });
});

describe("the window", () => {
  test("no more than the window is on its way, and each frame that leaves lets one in", () => {
    const line = new UplinkHarness(1, { window: 4, order: "newest" }, { frames: 10 });
    line.broker(0).latency = 1000;
    line.uplink.start();
    line.clock.advance(1000);
    line.uplink.pump();
    expect(line.published("b0")).toEqual([9, 8, 7, 6]);
    line.clock.advance(999);
    line.uplink.pump();
    expect(line.published("b0")).toEqual([9, 8, 7, 6]);
    line.clock.advance(1);
    expect(line.published("b0").slice(4)).toEqual([5, 4, 3, 2]);
    expect(line.flaws).toEqual([]);
  });

  test.each([1, 2, 7, 30])(
    "of %i: so many frames are on their way at the same time, and never more",
    (window) => {
      const line = new UplinkHarness(2, { copies: 2, acknowledgements: 2, window }, { frames: 90 });
      line.broker(1).latency = 25;
      line.uplink.start();
      let most = 0;
      for (let i = 0; i < 5000 && line.journal.pending > 0; i++) {
        line.clock.advance(1);
        most = Math.max(most, line.of("publish", "b1").length - line.of("acknowledged", "b1").length);
      }
      expect([most, line.journal.pending, line.flaws]).toEqual([window, 0, []]);
    },
  );
});

describe("which frames go first", () => {
  const ORDERS = [
    { order: "oldest", sent: [9, 0, 8, 1, 7, 2, 6, 3, 5, 4], name: "the two ends of a backlog in turn" },
    { order: "newest", sent: [9, 8, 7, 6, 5, 4, 3, 2, 1, 0], name: "the newest, where that is wanted" },
  ] as const;
  test.each(ORDERS)("$name", ({ order, sent }) => {
    const line = new UplinkHarness(1, { order }, { frames: 10 });
    line.uplink.start();
    line.clock.advance(1000);
    expect(line.published("b0")).toEqual(sent);
    expect([line.journal.pending, line.flaws]).toEqual([0, []]);
  });

  test.each(ORDERS)(
    "a long backlog ($order first) does not keep a new frame waiting for more than two turns",
    ({ order }) => {
      const line = new UplinkHarness(1, { order, window: 1 }, { frames: 200 });
      line.uplink.start();
      line.clock.advance(LATENCY);
      for (let i = 0; i < 20; i++) {
        const before = line.published("b0").length;
        line.add(1).uplink.pump();
        line.clock.advance(3 * LATENCY);
        expect(line.published("b0").slice(before).slice(0, 2)).toContain(200 + i);
      }
      expect(line.flaws).toEqual([]);
    },
  );

  test("nor do new frames keep the backlog waiting, where the oldest go first", () => {
    const line = new UplinkHarness(1, { window: 1 }, { frames: 50 });
    line.uplink.start();
    line.sample(60, 2 * LATENCY);
    expect(line.journal.first).toBeGreaterThan(24);
    const old = line.published("b0").filter((id) => Number(id) < 50);
    expect(old.slice(0, 25)).toEqual(upTo(25));
  });
});

describe("how many brokers must have a frame", () => {
  test.each([
    { copies: 1, acknowledgements: 1, after: 10 },
    { copies: 2, acknowledgements: 1, after: 10 },
    { copies: 2, acknowledgements: 2, after: 200 },
    { copies: 3, acknowledgements: 2, after: 200 },
    { copies: 3, acknowledgements: 3, after: 3000 },
  ])("$acknowledgements of $copies: the frame leaves after $after ms, and that is said once", (row) => {
    const { copies, acknowledgements, after } = row;
    const line = new UplinkHarness(3, { copies, acknowledgements });
    line.uplink.start();
    line.clock.advance(LATENCY);
    line.broker(1).latency = 200;
    line.broker(2).latency = 3000;
    line.add(1).uplink.pump();
    line.clock.advance(after - 1);
    expect(line.journal.pending).toBe(1);
    line.clock.advance(1);
    expect(line.journal.pending).toBe(0);
    line.clock.advance(10_000);
    expect(line.events.filter((event) => event === "delivered 0")).toHaveLength(1);
  });

  test("one broker is not enough where two are asked for, also when only one is connected", () => {
    const line = new UplinkHarness(2, { copies: 2, acknowledgements: 2 }, { frames: 2 });
    line.broker(1).kill();
    line.uplink.start();
    line.clock.advance(CONFIG.absent - 1);
    line.uplink.pump();
    expect([line.of("acknowledged").length, line.journal.pending]).toEqual([2, 2]);
    line.broker(1).restart();
    line.clock.advance(CONFIG.backoff.max + 2 * LATENCY);
    expect([line.journal.pending, line.arrived, line.flaws]).toEqual([0, [0, 1], []]);
  });

  test("a broker that has been away for long is no longer waited for, and is again when it is back", () => {
    const line = new UplinkHarness(2, { copies: 2, acknowledgements: 2 });
    line.uplink.start();
    line.clock.advance(1000);
    line.broker(1).kill();
    line.add(1).uplink.pump();
    line.clock.advance(CONFIG.absent - 1);
    line.uplink.pump();
    expect(line.journal.pending).toBe(1);
    line.clock.advance(1);
    line.uplink.pump();
    expect(line.journal.pending).toBe(0);
    line.sample(5, 1000);
    expect(line.journal.pending).toBe(0);
    line.broker(1).restart();
    line.clock.advance(CONFIG.backoff.max);
    line.broker(1).latency = 500;
    line.add(1).uplink.pump();
    line.clock.advance(499);
    expect(line.journal.pending).toBe(1);
    line.clock.advance(1);
    expect([line.journal.pending, line.flaws]).toEqual([0, []]);
  });

  test("with all but one away for long, that one is enough; with all of them away, nothing leaves", () => {
    const line = new UplinkHarness(3, { copies: 3, acknowledgements: 3 }, { frames: 1 });
    for (const broker of line.brokers) broker.kill();
    line.uplink.start();
    line.clock.advance(10 * CONFIG.absent);
    line.uplink.pump();
    expect(line.journal.pending).toBe(1);
    line.broker(2).restart();
    line.clock.advance(CONFIG.backoff.max + 2 * LATENCY);
    expect([line.journal.pending, line.delivered]).toEqual([0, ["b2:t:0"]]);
  });
});

describe("when a broker fails", () => {
  test("killed in the middle: what it had not acknowledged goes to another, which is opened at once", () => {
    const line = new UplinkHarness(2, {}, { frames: 8 });
    line.uplink.start();
    line.clock.advance(LATENCY + 5);
    expect(line.published("b0")).toEqual([7, 0, 6, 1]);
    line.broker(0).kill();
    line.clock.advance(LATENCY);
    expect(line.published("b1")).toEqual([7, 0, 6, 1]);
    line.clock.advance(1000);
    expect([line.arrived, line.journal.pending]).toEqual([upTo(8), 0]);
    expect(line.delivered.every((one) => one.startsWith("b1"))).toBe(true);
    expect(line.events).toContain("b0 closed: killed");
    line.clock.advance(CONFIG.backoff.max);
    expect(line.events).toContain("b0 closed: connection refused, never open");
    expect(line.flaws).toEqual([]);
  });

  test("frozen: given up after the timeout, and what it holds goes to another", () => {
    const line = new UplinkHarness(2, {}, { frames: 2 });
    line.uplink.start();
    line.clock.advance(LATENCY);
    line.broker(0).frozen = true;
    line.clock.advance(CONFIG.timeout - 1);
    expect([line.journal.pending, line.delivered]).toEqual([2, []]);
    line.clock.advance(1 + 2 * LATENCY);
    expect(line.events).toContain("b0 closed: no acknowledgement");
    expect([line.journal.pending, line.delivered]).toEqual([0, ["b1:t:1", "b1:t:0"]]);
    expect(line.of("close", "b0")).toHaveLength(1);
  });

  test("killed after it acknowledged: that counts for nothing, the frame stays until another has it", () => {
    const line = new UplinkHarness(3, { copies: 2, acknowledgements: 2 });
    line.uplink.start();
    line.clock.advance(LATENCY);
    line.broker(1).latency = 500;
    line.broker(2).latency = 600;
    line.add(1).uplink.pump();
    line.clock.advance(LATENCY);
    expect(line.of("acknowledged", "b0")).toHaveLength(1);
    line.broker(0).kill();
    line.clock.advance(1199);
    expect([line.of("acknowledged", "b1").length, line.journal.pending]).toEqual([1, 1]);
    line.clock.advance(1);
    expect([line.of("acknowledged", "b2").length, line.journal.pending]).toEqual([1, 0]);
  });

  test("frozen before it opened: given up after the timeout", () => {
    const line = new UplinkHarness(1);
    line.broker(0).frozen = true;
    line.uplink.start();
    line.clock.advance(CONFIG.timeout - 1);
    expect(line.events).toEqual([]);
    line.clock.advance(1);
    expect(line.events).toEqual(["b0 closed: no answer to the connection, never open"]);
  });

  test("each acknowledgement restarts the timeout; a slow broker is not given up", () => {
    const line = new UplinkHarness(1, { window: 1 }, { frames: 6 });
    line.broker(0).latency = CONFIG.timeout - 1;
    line.uplink.start();
    line.clock.advance(8 * CONFIG.timeout);
    expect([line.journal.pending, line.of("close")]).toEqual([0, []]);
  });

  test("a broker that owes nothing is not given up", () => {
    const line = new UplinkHarness(1, {}, { frames: 1 });
    line.uplink.start();
    line.clock.advance(100 * CONFIG.timeout);
    expect([line.events, line.of("close")]).toEqual([["b0 opened", "delivered 0"], []]);
  });

  test("a broker owes from the publication on, not from the last answer", () => {
    const line = new UplinkHarness(1, {}, { frames: 1 });
    line.uplink.start();
    line.clock.advance(3 * CONFIG.timeout);
    line.broker(0).latency = CONFIG.timeout - 1;
    line.add(1).uplink.pump();
    line.clock.advance(CONFIG.timeout);
    expect([line.journal.pending, line.of("close")]).toEqual([0, []]);
  });

  test("nobody subscribed: the frame is kept, goes to another broker, and this one is tried again later", () => {
    const line = new UplinkHarness(2, {}, { frames: 3 });
    line.unsubscribe(0);
    line.uplink.start();
    line.clock.advance(6 * LATENCY);
    expect(line.events).toContain("b0 closed: no subscriber");
    expect([line.arrived, line.journal.pending]).toEqual([[0, 1, 2], 0]);
    expect(line.of("refused").length).toBe(1);
    line.clock.advance(8 * CONFIG.backoff.min);
    expect(line.of("opened", "b0").length).toBe(2);
  });

  test("nobody subscribed anywhere: retried until somebody is, and nothing is lost", () => {
    const line = new UplinkHarness(1, {}, { frames: 6 });
    line.unsubscribe(0);
    line.uplink.start();
    line.clock.advance(60_000);
    expect([line.journal.pending, line.journal.losses]).toEqual([6, []]);
    expect(line.of("open").length).toBeGreaterThan(10);
    line.broker(0).subscribe((payload) => line.delivered.push(`late:t:${payload[0]}`));
    line.clock.advance(10_000);
    expect([line.arrived, line.journal.pending]).toEqual([upTo(6), 0]);
    expect(line.flaws).toEqual([]);
  });

  test("all down, then back: nothing is lost", () => {
    const line = new UplinkHarness(3, { copies: 2 }, { frames: 4 });
    for (const broker of line.brokers) broker.kill();
    line.uplink.start();
    for (let i = 0; i < 20; i++) {
      line.clock.advance(1000);
      line.add(1).uplink.pump();
    }
    expect([line.journal.pending, line.delivered]).toEqual([24, []]);
    for (const broker of line.brokers) broker.restart();
    line.clock.advance(6000);
    expect([line.arrived, line.journal.pending]).toEqual([upTo(24), 0]);
    expect(line.flaws).toEqual([]);
  });

  test("acknowledgements are lost: frames are sent again, and leave only when one comes", () => {
    const line = new UplinkHarness(1, {}, { frames: 3 });
    line.broker(0).mute = true;
    line.uplink.start();
    line.clock.advance(20_000);
    expect(line.journal.pending).toBe(3);
    expect(line.delivered.length).toBeGreaterThanOrEqual(6);
    line.broker(0).mute = false;
    line.clock.advance(20_000);
    expect([line.journal.pending, line.arrived]).toEqual([0, [0, 1, 2]]);
  });
});

test("a broker that was slow is measured again in its next session", () => {
  const line = new UplinkHarness(3, { copies: 2, acknowledgements: 2, window: 1 });
  line.uplink.start();
  line.clock.advance(LATENCY);
  line.broker(0).latency = 1500;
  line.sample(10, 2500);
  expect(line.uplink.brokers).toEqual(["b1", "b2"]);
  line.broker(0).latency = LATENCY;
  line.broker(2).kill();
  line.sample(1, 100);
  expect(line.uplink.brokers).toEqual(["b0", "b1"]);
  line.broker(2).restart();
  line.clock.advance(2 * CONFIG.backoff.max);
  expect([line.uplink.brokers, line.of("open", "b2").length]).toEqual([["b0", "b1"], 1]);
});

describe("stop", () => {
  test("closes all, leaves no timer, and nothing is called back any more", () => {
    const line = new UplinkHarness(3, { copies: 3 }, { frames: 4 });
    line.broker(1).kill();
    line.broker(2).frozen = true;
    line.uplink.start();
    line.clock.advance(LATENCY + 5);
    const [events, log] = [line.events.length, line.log.length];
    line.uplink.stop();
    expect(line.log.slice(log).map(({ link, what }) => `${link} ${what}`)).toEqual(["b0 close", "b2 close"]);
    line.broker(1).restart();
    line.broker(0).kill();
    line.clock.advance(60_000);
    line.uplink.pump();
    expect([line.events.length, line.log.length, line.clock.pending]).toEqual([events, log + 2, 0]);
    expect(line.journal.pending).toBe(4);
  });

  test("is for good: neither start nor another link opens a session, and the journal keeps the frames", () => {
    const line = new UplinkHarness(2, { window: 2 }, { frames: 3, links: 1 });
    line.uplink.start();
    line.uplink.start();
    expect(line.of("open")).toHaveLength(1);
    line.clock.advance(LATENCY);
    expect(line.published()).toEqual([2, 0]);
    line.uplink.stop();
    line.uplink.start();
    line.uplink.add(line.link(1));
    line.clock.advance(60_000);
    expect([line.of("open").length, line.arrived, line.journal.pending]).toEqual([1, [], 3]);
  });
});
