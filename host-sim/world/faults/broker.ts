import type { Broker } from "../broker.js";
import type { Dice } from "../dice.js";
import type { World } from "../world.js";
import { type FaultKind, lasting } from "./kind.js";

const SECOND = 1000;
const MINUTE = 60_000;

function knob(
  name: "mutes" | "duplicates" | "holds" | "swallows" | "refusals",
  perDay: number,
  length: (dice: Dice) => number,
): FaultKind {
  return {
    scope: "broker",
    perDay,
    make: (dice) => ({ for: length(dice), how: {} }),
    begin(world, { whom }) {
      const broker = world.brokerOf(whom);
      broker[name]++;
      return () => {
        broker[name]--;
        broker.pump();
      };
    },
  };
}

/** Anything up to `longest` milliseconds. */
const upTo = (longest: number) => (dice: Dice) => dice.between(5 * SECOND, longest);
/** In one of eight cases longer than some boards wait for any broker. */
const upToHours = (dice: Dice) => lasting(dice, 5 * SECOND, 20 * MINUTE, 180 * MINUTE);

/** Milliseconds for which a broker holds back what the verifier should get, before it loses it. */
const LONGEST_LAG = 6 * MINUTE;

/**
 * A broker loses what the verifier does not have yet, where the assumption of docs/simulator.md allows it then. It was behind for a
 * while, so that there is something to lose; and maybe the only one that answered.
 */
function losing(perDay: number, longestAway: number): FaultKind {
  return {
    scope: "broker",
    perDay,
    make: (dice) => {
      const lag = dice.between(0, LONGEST_LAG);
      return { for: lag + dice.between(0, longestAway), how: { lag, alone: dice.below(2) } };
    },
    begin(world, { whom, how }) {
      const broker = world.brokerOf(whom);
      const others = how.alone === 1 ? world.brokers.filter((other) => other !== broker) : [];
      broker.holds++;
      for (const other of others) other.freeze();
      let restart = () => {};
      world.scheduler.after(Number(how.lag), () => {
        restart = lose(world, broker);
        broker.holds--;
        for (const other of others) other.thaw();
      });
      return () => restart();
    },
  };
}

/** Returns what starts it again. */
function lose(world: World, broker: Broker): () => void {
  if (world.keep === "brokers" && !world.losses.allows(broker)) {
    world.note(broker.name, "keeps its store: another has lost its own, and the verifier lags");
    return () => {};
  }
  world.losses.begin(broker);
  broker.kill();
  broker.forget();
  return () => broker.restart();
}

/**
 * All brokers lose their stores at the same moment, after they were behind for a while. Nothing that they had acknowledged is spared, so it is only for
 * boards that keep frames for witnesses.
 */
const losingAll: FaultKind = {
  scope: "verifier",
  perDay: 6,
  make: (dice) => {
    const lag = dice.between(MINUTE, LONGEST_LAG);
    return { for: lag + dice.between(0, 5 * MINUTE), how: { lag } };
  },
  begin({ brokers, scheduler }, { for: length, how }) {
    for (const broker of brokers) broker.holds++;
    scheduler.after(Math.min(Number(how.lag), length - 1), () => {
      for (const broker of brokers) {
        broker.kill();
        broker.forget();
        broker.holds--;
      }
    });
    return () => {
      for (const broker of brokers) broker.restart();
    };
  },
};

/** What befalls brokers. */
export const BROKER_FAULTS = {
  freeze: {
    scope: "broker",
    perDay: 6,
    make: (dice) => ({ for: lasting(dice, SECOND, 3 * MINUTE, 30 * MINUTE), how: {} }),
    begin(world, { whom }) {
      const broker = world.brokerOf(whom);
      broker.freeze();
      return () => broker.thaw();
    },
  },
  "broker-killed": {
    scope: "broker",
    perDay: 6,
    make: (dice) => ({ for: lasting(dice, SECOND, 2 * MINUTE, 20 * MINUTE), how: {} }),
    begin(world, { whom }) {
      const broker = world.brokerOf(whom);
      broker.kill();
      return () => broker.restart();
    },
  },
  "session-lost": losing(3, 0),
  "store-lost": losing(3, 5 * MINUTE),
  "all-stores-lost": losingAll,
  duplicate: knob("duplicates", 3, upTo(20 * MINUTE)),
  reorder: knob("holds", 3, upTo(10 * MINUTE)),
  "ack-lost": knob("mutes", 3, upTo(2 * MINUTE)),
  mute: knob("swallows", 2, upToHours),
  refuse: knob("refusals", 2, upToHours),
} as const satisfies Record<string, FaultKind>;
