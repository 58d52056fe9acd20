import { describe, expect, test } from "@jest/globals";
import type { Link, LinkHandler } from "../../agent/ports/link.js";
import { MemoryBroker } from "../../host-sim/fleet/memory-link.js";
import { VirtualClock } from "../support/virtual-clock.js";

describe("a link in memory", () => {
  const silent = (heard: string[], name: string): LinkHandler => ({
    opened: () => void heard.push(`${name} opened`),
    acknowledged: (id) => void heard.push(`${name} ${id} acknowledged`),
    refused: (id, reason) => void heard.push(`${name} ${id} refused: ${reason}`),
    closed: (reason) => void heard.push(`${name} closed: ${reason}`),
  });
  const make = () => {
    const clock = new VirtualClock();
    const broker = new MemoryBroker("b", clock);
    broker.latency = 100;
    const got: number[] = [];
    broker.subscribe((payload) => got.push(payload[0] as number));
    const heard: string[] = [];
    const link: Link = broker.link();
    return { clock, broker, got, heard, link, open: (name: string) => link.open(silent(heard, name)) };
  };

  test("opened again before the old session's answers came, it hears nothing of the old one", () => {
    const { clock, got, heard, link, open } = make();
    open("old");
    clock.advance(100);
    link.publish(1, "t", Uint8Array.of(1), false);
    clock.advance(50);
    link.close();
    open("new");
    clock.advance(99);
    expect([heard, got]).toEqual([["old opened"], []]);
    clock.advance(1000);
    expect(heard).toEqual(["old opened", "new opened"]);
  });

  test("closed while it opened and opened again, it opens once, in its own time", () => {
    const { clock, heard, link, open } = make();
    open("old");
    clock.advance(50);
    link.close();
    open("new");
    clock.advance(50);
    expect(heard).toEqual([]);
    clock.advance(1000);
    expect(heard).toEqual(["new opened"]);
  });

  test("killed: what was not delivered is lost, whenever the broker comes back", () => {
    const { clock, broker, got, heard, link, open } = make();
    open("old");
    clock.advance(100);
    link.publish(1, "t", Uint8Array.of(1), false);
    broker.kill();
    broker.restart();
    open("new");
    clock.advance(1000);
    expect([heard, got]).toEqual([["old opened", "old closed: killed", "new opened"], []]);
  });

  test("what is to be retained is, by topic, and subscribers, who want frames, do not get it", () => {
    const { clock, broker, got, link, open } = make();
    open("it");
    clock.advance(100);
    link.publish(1, "status", Uint8Array.of(1), true);
    link.publish(2, "status", Uint8Array.of(2), true);
    link.publish(3, "frame", Uint8Array.of(3), false);
    clock.advance(100);
    expect([...broker.retained].map(([topic, [byte]]) => [topic, byte])).toEqual([["status", 2]]);
    expect([got, broker.delivered]).toEqual([[3], 1]);
  });

  test("what is published is copied", () => {
    const { clock, got, link, open } = make();
    open("it");
    clock.advance(100);
    const payload = Uint8Array.of(7);
    link.publish(1, "t", payload, false);
    payload.fill(0);
    clock.advance(100);
    expect(got).toEqual([7]);
  });
});
