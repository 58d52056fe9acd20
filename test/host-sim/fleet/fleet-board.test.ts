import { expect, test } from "@jest/globals";
import type { FleetEvent } from "../../../host-sim/fleet/fleet.js";
import { FleetBoard, observeBoard } from "../../../host-sim/fleet/fleet-board.js";
import { createIdentities } from "../../../host-sim/fleet/identities.js";
import { LinkTroubles } from "../../../host-sim/fleet/link-troubles.js";
import { Statistics } from "../../../host-sim/fleet/statistics.js";
import { createSystemClock } from "../../../node/ports/clock.js";
import { createMemoryFlash } from "../../../node/ports/flash.js";

function twoBoards() {
  const counts = { links: 0, ended: {}, troubles: new LinkTroubles() };
  const events: FleetEvent[] = [];
  const [one, two] = ["one", "two"].map((name) =>
    observeBoard(`kid of ${name}`, name, new Statistics(), counts, (event) => events.push(event)),
  ) as [ReturnType<typeof observeBoard>, ReturnType<typeof observeBoard>];
  return { one, two, counts, events };
}

const opened = { type: "link-opened", link: "a" } as const;
const closed = (wasOpen: boolean) => ({ type: "link-closed", link: "a", reason: "", wasOpen }) as const;

test("sessions are counted over all boards; tries that came to nothing are not", () => {
  const { one, two, counts } = twoBoards();
  one.observe(opened);
  one.observe(opened);
  two.observe(opened);
  two.observe(closed(false));
  expect(counts.links).toBe(3);
  one.observe(closed(true));
  expect(counts.links).toBe(2);
});

test("a board that ends takes its sessions with it, and no other's", () => {
  const { one, two, counts, events } = twoBoards();
  one.observe(opened);
  one.observe(opened);
  one.observe(closed(true));
  one.observe(opened);
  two.observe(opened);
  one.ended("slots: too few");
  expect(counts).toMatchObject({ links: 1, ended: { slots: 1 } });
  expect(events.at(-1)).toEqual({ type: "ended", board: "one", reason: "slots: too few" });
});

test("the private key is the identity's, and no property that is copied along", () => {
  const [identity] = createIdentities(1, {}) as [ReturnType<typeof createIdentities>[number]];
  const { one } = twoBoards();
  const flash = createMemoryFlash({ size: 16_384 });
  const ports = { clock: createSystemClock(), links: [], sensors: [], flash, isFlashKept: false };
  const board = new FleetBoard(identity, ports, one);
  expect(board.privateKey).toEqual(identity.privateKey);
  expect(Object.keys(board)).not.toContain("privateKey");
  expect(JSON.stringify({ ...board })).not.toContain("privateKey");
});

test("what brokers say as they refuse is counted over all boards, the most frequent first; a board that left is no trouble", () => {
  const { one, two, counts } = twoBoards();
  for (const reason of ["not needed", "x", "y", "y"])
    one.observe({ type: "link-closed", link: "a", reason, wasOpen: false });
  two.observe({ type: "link-closed", link: "a", reason: "y", wasOpen: true });
  expect(counts.troubles.all).toEqual([
    { broker: "a", reason: "y", times: 3 },
    { broker: "a", reason: "x", times: 1 },
  ]);
});

test("a broker that says something else each time fills no memory", () => {
  const { one, counts } = twoBoards();
  for (let i = 0; i < 1000; i++)
    one.observe({ type: "link-closed", link: "a", reason: `${i}`, wasOpen: false });
  expect(counts.troubles.all.length).toBe(101);
  expect(counts.troubles.all[0]).toEqual({ broker: "a", reason: "other reasons", times: 900 });
});
