import { describe, expect, test } from "@jest/globals";
import { WitnessBacklog } from "../../../agent/receipt/witness-backlog.js";
import { usualFaults } from "../../../host-sim/world/faults/kinds.js";
import { run } from "../../../host-sim/world/run.js";
import { replaceMethod } from "../../../host-sim/world/sabotage/sabotage.js";
import { HOUR, optionsOf } from "./options.js";

const ALL_AT_ONCE = optionsOf({ devices: 4, duration: 2 * HOUR, kinds: ["all-stores-lost"] });

describe("all brokers lose all stores at once", () => {
  test.each([1, 2, 3])("and nothing is lost where frames wait for a witness (seed %d)", (seed) => {
    const { failure, frames, faults } = run({ ...ALL_AT_ONCE, seed, keep: "witnesses" });
    expect(failure).toBeNull();
    expect(faults).toEqual({ "all-stores-lost": 1 });
    expect(frames.verified + frames.dropped).toBeGreaterThanOrEqual(frames.signed);
    expect(frames.dropped).toBe(0);
  });

  test.each([1, 2, 3])(
    "and frames are lost where brokers are believed: delivered finds it (seed %d)",
    (seed) => {
      expect(run({ ...ALL_AT_ONCE, seed }).failure).toMatchObject({ oracle: "delivered" });
    },
  );

  test("and a board that believes brokers all the same is found out", () => {
    const undo = replaceMethod(
      WitnessBacklog.prototype,
      "acknowledge",
      () =>
        function (this: object, id) {
          (this as { leave(id: unknown): void }).leave(id);
        },
    );
    try {
      expect(run({ ...ALL_AT_ONCE, keep: "witnesses" }).failure).toMatchObject({ oracle: "vouched" });
      const oracles = ["delivered"];
      expect(run({ ...ALL_AT_ONCE, keep: "witnesses", oracles }).failure).toMatchObject({
        oracle: "delivered",
      });
    } finally {
      undo();
    }
  });
});

test.each([1, 2])("with all faults nothing is lost that was not declared (seed %d)", (seed) => {
  const kinds = usualFaults("witnesses");
  const { failure } = run(optionsOf({ seed, devices: 5, duration: 3 * HOUR, kinds, keep: "witnesses" }));
  expect(failure).toBeNull();
});
