import { describe, expect, test } from "@jest/globals";
import { CONFIG, LATENCY, Line } from "./line.js";

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
  ])("$copies copies with preference $preference go to $first", ({ copies, preference, first }) => {
    const line = new Line(3, { copies }, { preference });
    line.uplink.start();
    line.clock.advance(LATENCY);
    line.add(1).uplink.pump();
    expect(line.of("publish").map(({ link }) => link)).toEqual(first);
    line.clock.advance(LATENCY);
    expect(line.delivered.sort()).toEqual(first.map((name) => `${name}:t:0`).sort());
    expect([line.outbox.pending, line.outbox.first]).toEqual([0, 1]);
    expect(line.events.slice(-1)).toEqual(["delivered 0"]);
  });

  test("no more than the window is on its way, counted from the oldest", () => {
    const line = new Line(1, { window: 4 }, { frames: 10 });
    line.broker(0).mute = true;
    line.uplink.start();
    line.clock.advance(1000);
    expect(line.published("b0")).toEqual([0, 1, 2, 3]);
    line.uplink.pump();
    expect(line.published("b0")).toEqual([0, 1, 2, 3]);
    line.outbox.acknowledge(1);
    line.uplink.pump();
    expect(line.published("b0")).toEqual([0, 1, 2, 3]);
    line.outbox.acknowledge(0);
    line.uplink.pump();
    expect(line.published("b0")).toEqual([0, 1, 2, 3, 4, 5]);
  });

  test("all go out, in order, once", () => {
    const line = new Line(2, { copies: 2 }, { frames: 30 });
    line.uplink.start();
    line.clock.advance(1000);
    for (const name of ["b0", "b1"]) expect(line.published(name)).toEqual(upTo(30));
    expect([line.outbox.pending, line.clock.pending]).toEqual([0, 0]);
    expect(line.flaws).toEqual([]);
  });

  test("a frame leaves when every broker that got it has acknowledged it, and that is said once", () => {
    const line = new Line(2, { copies: 2 });
    line.uplink.start();
    line.clock.advance(1000);
    line.broker(1).latency = 500;
    line.add(1).uplink.pump();
    line.clock.advance(499);
    expect([line.of("acknowledged").length, line.outbox.pending]).toEqual([1, 1]);
    line.clock.advance(1000);
    expect([line.of("acknowledged").length, line.outbox.pending]).toEqual([2, 0]);
    expect(line.events.filter((event) => event === "delivered 0")).toHaveLength(1);
  });

  test("fewer brokers than copies are enough, where no more are connected", () => {
    const line = new Line(2, { copies: 2 }, { frames: 1 });
    line.broker(1).latency = 500;
    line.uplink.start();
    line.clock.advance(2 * LATENCY);
    expect([line.outbox.pending, line.delivered]).toEqual([0, ["b0:t:0"]]);
  });

  test("a broker that opens gets what is still on its way", () => {
    const line = new Line(2, { copies: 2 }, { frames: 2 });
    line.broker(1).latency = 50;
    line.uplink.start();
    line.clock.advance(LATENCY);
    line.broker(0).latency = 1000;
    line.add(1).uplink.pump();
    line.clock.advance(40);
    expect(line.published("b1")).toEqual([2]);
    line.clock.advance(999);
    expect(line.outbox.pending).toBe(0);
  });

  test("a frame that was pushed out of the outbox is acknowledged to nobody, and its place is used again", () => {
    const line = new Line(1, { window: 2 }, { frames: 2, capacity: 2 });
    line.uplink.start();
    line.clock.advance(LATENCY);
    expect(line.published("b0")).toEqual([0, 1]);
    line.add(2).uplink.pump();
    expect(line.published("b0")).toEqual([0, 1, 2, 3]);
    line.clock.advance(LATENCY);
    expect(line.events.slice(-2)).toEqual(["delivered 2", "delivered 3"]);
    expect(line.outbox.losses).toEqual([{ boot: 1, first: 0, last: 1 }]);
  });

  test("without brokers it does nothing", () => {
    const line = new Line(0, {}, { frames: 1 });
    line.uplink.start();
    line.uplink.pump();
    line.uplink.stop();
    expect([line.outbox.pending, line.clock.pending]).toEqual([1, 0]);
  });

  test("more brokers than a set has bits are refused", () => {
    expect(() => new Line(31)).toThrow(new RangeError("at most 30 brokers, not 31"));
    const line = new Line(30, { copies: 30 }, { frames: 6 });
    line.uplink.start();
    line.clock.advance(1000);
    expect(line.delivered).toHaveLength(4 * 30 + 2 * 30);
    expect(line.flaws).toEqual([]);
  });
});

describe("when a broker fails", () => {
  test("killed in the middle: what it had not acknowledged goes to another at once", () => {
    const line = new Line(2, {}, { frames: 8 });
    line.uplink.start();
    line.clock.advance(LATENCY + 5);
    expect(line.published("b0")).toEqual([0, 1, 2, 3]);
    line.broker(0).kill();
    expect(line.published("b1")).toEqual([0, 1, 2, 3]);
    line.clock.advance(1000);
    expect(line.arrived).toEqual(upTo(8));
    expect(line.delivered.every((one) => one.startsWith("b1"))).toBe(true);
    expect(line.events).toContain("b0 closed: killed");
    expect(line.events).toContain("b0 closed: connection refused, never open");
    expect(line.flaws).toEqual([]);
  });

  test("frozen: given up after the timeout, and what it holds goes to another", () => {
    const line = new Line(2, {}, { frames: 2 });
    line.uplink.start();
    line.clock.advance(LATENCY);
    line.broker(0).frozen = true;
    line.clock.advance(CONFIG.timeout - 1);
    expect([line.outbox.pending, line.delivered]).toEqual([2, []]);
    line.clock.advance(1 + LATENCY);
    expect(line.events).toContain("b0 closed: no acknowledgement");
    expect([line.outbox.pending, line.delivered]).toEqual([0, ["b1:t:0", "b1:t:1"]]);
    expect(line.of("close", "b0")).toHaveLength(1);
  });

  test("frozen with one of two copies: the frame leaves when that broker is given up", () => {
    const line = new Line(2, { copies: 2 });
    line.uplink.start();
    line.clock.advance(LATENCY);
    line.broker(0).frozen = true;
    line.add(1).uplink.pump();
    line.clock.advance(CONFIG.timeout - 1);
    expect([line.delivered, line.outbox.pending]).toEqual([["b1:t:0"], 1]);
    line.clock.advance(1);
    expect([line.delivered, line.outbox.pending]).toEqual([["b1:t:0"], 0]);
  });

  test("killed after it acknowledged: that counts for nothing, the frame stays until another has it", () => {
    const line = new Line(2, { copies: 2 });
    line.uplink.start();
    line.clock.advance(LATENCY);
    line.broker(1).latency = 500;
    line.add(1).uplink.pump();
    line.clock.advance(LATENCY);
    expect(line.of("acknowledged", "b0")).toHaveLength(1);
    line.broker(0).kill();
    line.clock.advance(489);
    expect(line.outbox.pending).toBe(1);
    line.clock.advance(1);
    expect(line.outbox.pending).toBe(0);
  });

  test("frozen before it opened: given up after the timeout", () => {
    const line = new Line(1);
    line.broker(0).frozen = true;
    line.uplink.start();
    line.clock.advance(CONFIG.timeout - 1);
    expect(line.events).toEqual([]);
    line.clock.advance(1);
    expect(line.events).toEqual(["b0 closed: no answer to the connection, never open"]);
  });

  test("each acknowledgement starts the timeout anew; a slow broker is not given up", () => {
    const line = new Line(1, { window: 1 }, { frames: 6 });
    line.broker(0).latency = CONFIG.timeout - 1;
    line.uplink.start();
    line.clock.advance(8 * CONFIG.timeout);
    expect([line.outbox.pending, line.of("close")]).toEqual([0, []]);
  });

  test("a broker that owes nothing is not given up", () => {
    const line = new Line(1, {}, { frames: 1 });
    line.uplink.start();
    line.clock.advance(100 * CONFIG.timeout);
    expect([line.events, line.of("close")]).toEqual([["b0 opened", "delivered 0"], []]);
  });

  test("a broker owes from the publication on, not from the last answer", () => {
    const line = new Line(1, {}, { frames: 1 });
    line.uplink.start();
    line.clock.advance(3 * CONFIG.timeout);
    line.broker(0).latency = CONFIG.timeout - 1;
    line.add(1).uplink.pump();
    line.clock.advance(CONFIG.timeout);
    expect([line.outbox.pending, line.of("close")]).toEqual([0, []]);
  });

  test("nobody subscribed: the frame is kept, goes to another broker, and this one is tried again later", () => {
    const line = new Line(2, {}, { frames: 3 });
    line.unsubscribe(0);
    line.uplink.start();
    line.clock.advance(5 * LATENCY);
    expect(line.events).toContain("b0 closed: no subscriber");
    expect([line.arrived, line.outbox.pending]).toEqual([[0, 1, 2], 0]);
    expect(line.of("refused").length).toBe(1);
    line.clock.advance(1000);
    expect(line.of("opened", "b0").length).toBe(2);
  });

  test("nobody subscribed anywhere: retried until somebody is, and nothing is lost", () => {
    const line = new Line(1, {}, { frames: 6 });
    line.unsubscribe(0);
    line.uplink.start();
    line.clock.advance(60_000);
    expect([line.outbox.pending, line.outbox.losses]).toEqual([6, []]);
    expect(line.of("open").length).toBeGreaterThan(10);
    line.broker(0).subscribe((payload) => line.delivered.push(`late:t:${payload[0]}`));
    line.clock.advance(10_000);
    expect([line.arrived, line.outbox.pending]).toEqual([upTo(6), 0]);
    expect(line.flaws).toEqual([]);
  });

  test("all down, then back: nothing is lost, and order is kept", () => {
    const line = new Line(3, { copies: 2 }, { frames: 4 });
    for (const broker of line.brokers) broker.kill();
    line.uplink.start();
    for (let i = 0; i < 20; i++) {
      line.clock.advance(1000);
      line.add(1).uplink.pump();
    }
    expect([line.outbox.pending, line.delivered]).toEqual([24, []]);
    for (const broker of line.brokers) broker.restart();
    line.clock.advance(6000);
    expect([line.arrived, line.outbox.pending]).toEqual([upTo(24), 0]);
    expect(line.flaws).toEqual([]);
  });

  test("acknowledgements are lost: frames are sent again, and leave only when one comes", () => {
    const line = new Line(1, {}, { frames: 3 });
    line.broker(0).mute = true;
    line.uplink.start();
    line.clock.advance(20_000);
    expect(line.outbox.pending).toBe(3);
    expect(line.delivered.length).toBeGreaterThanOrEqual(6);
    line.broker(0).mute = false;
    line.clock.advance(20_000);
    expect([line.outbox.pending, line.arrived]).toEqual([0, [0, 1, 2]]);
  });
});

describe("stop", () => {
  test("closes all, leaves no timer, and nothing is called back any more", () => {
    const line = new Line(3, { copies: 3 }, { frames: 4 });
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
    expect(line.outbox.pending).toBe(4);
  });

  test("it can be started again", () => {
    const line = new Line(1, {}, { frames: 2 });
    line.uplink.start();
    line.uplink.start();
    expect(line.of("open")).toHaveLength(1);
    line.uplink.stop();
    line.clock.advance(1000);
    line.uplink.start();
    line.clock.advance(1000);
    expect(line.arrived).toEqual([0, 1]);
  });
});
