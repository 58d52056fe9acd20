import { FAULT_NAMES } from "../host-sim/world/faults/kinds.js";
import { run } from "../host-sim/world/run.js";
import type { Figure, Section } from "./harness.js";

const HOUR = 3_600_000;
const BOARDS = 100;
const GOAL = 1440;

/** How much faster than time the simulator is, on one core. */
export function worldSection(): Section {
  return { name: "world", run: async () => [speed()] };
}

function speed(): Figure {
  const began = performance.now();
  const { simulated, failure } = run({
    seed: 1,
    devices: BOARDS,
    brokers: 3,
    duration: 3 * HOUR,
    interval: 60_000,
    kinds: FAULT_NAMES,
  });
  if (failure !== null) throw new Error(`${failure.oracle}: ${failure.message}`);
  const value = simulated / (performance.now() - began);
  return {
    name: `simulated time, ${BOARDS} boards, a frame a minute each, all faults`,
    value,
    unit: "times real time",
    goal: { text: `at least ${GOAL}`, met: value >= GOAL },
  };
}
