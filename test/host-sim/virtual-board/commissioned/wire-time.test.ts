import { afterEach, expect, test } from "@jest/globals";
import type { ResetReason } from "../../../../firmware/resets.js";
import { NodeBoot } from "../../../../host-sim/virtual-board/node-boot.js";
import { type Plugged, plug } from "./board.js";

let board: Plugged | undefined;
afterEach(() => {
  board?.client.close();
  board?.board.stop();
});

/** A board that starts for this reason, whatever its lines say. */
function started(reset: ResetReason, state?: string): Plugged {
  board = plug({
    boots: (init) => new NodeBoot({ ...init, reset }),
    ...(state !== undefined && { state }),
  });
  return board;
}

const opened = ({ events }: Plugged) => events.some(({ type }) => type === "provisioning-open");

test.each(["software", "panic", "watchdog", "brown-out"] as const)(
  "a start by %s, long after power-up, opens the wire for nobody",
  async (reset) => {
    const running = started(reset);
    await running.seen(({ type }) => type === "booted");
    expect(opened(running)).toBe(false);
    running.board.button(); // whoever is at the board
    expect(opened(running)).toBe(true);
  },
);

test("a start that somebody at the wire asked for leaves it open, for what is left of its time", async () => {
  const running = plug({ open: 3_600_000 });
  board = running;
  await running.client.restart();
  expect(running.events.filter(({ type }) => type === "provisioning-open")).toHaveLength(2);
  running.client.close();
  running.board.stop();
  // What was left is used up by the start that took it.
  const later = started("software", running.state);
  await later.seen(({ type }) => type === "booted");
  expect(opened(later)).toBe(false);
});
