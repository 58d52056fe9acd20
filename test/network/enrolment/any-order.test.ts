import { expect, test } from "@jest/globals";
import fc from "fast-check";
import type { Signer } from "../../../agent/ports/signer.js";
import {
  alice,
  bob,
  createBook,
  endOf,
  enrolOf,
  idOf,
  keyOf,
  moveOf,
  START,
  saleOf,
  stateOf,
} from "./fleet.js";

const owners = [alice, bob] as const;
const devices = [keyOf(1), keyOf(2)] as const;
const KINDS = ["enrol", "end", "move", "sale"] as const;

interface Step {
  readonly device: number;
  readonly kind: (typeof KINDS)[number];
  /** Not the owner, most times in vain. */
  readonly isStranger: boolean;
  /** Which of the statements before it is followed, counted from the last; 5: none. */
  readonly after: number;
  /** Seconds by which it is dated before those made after it. */
  readonly early: number;
}

interface Made {
  readonly device: number;
  /** Whose the device is after it. */
  readonly owner: number;
  readonly document: Uint8Array;
}

/** Statements that fit, contradict and follow each other, made one after the other. */
function statementsOf(steps: readonly Step[]): Uint8Array[] {
  const made: Made[] = devices.map((device, i) => ({
    device: i,
    owner: 0,
    document: enrolOf(device, alice),
  }));
  for (const [i, { device: which, kind, isStranger, after, early }] of steps.entries()) {
    const device = devices[which] as Signer;
    const of = made.filter((one) => one.device === which);
    const before = of[Math.max(0, of.length - 1 - (after % 5))] as Made;
    const owner = isStranger ? 1 - before.owner : before.owner;
    const [who, whom] = [owners[owner] as Signer, owners[1 - owner] as Signer];
    const date = START + 2 * (i + 1) - early;
    const given = { date, place: { site: `site ${i}` } };
    const { document: followed } = before;
    const previous = after === 5 ? new Uint8Array(0) : idOf(followed);
    const make = {
      enrol: () => enrolOf(device, who, { ...given, previous }),
      end: () => endOf(device, who, followed, { date }),
      move: () => moveOf(device, who, followed, given),
      sale: () => saleOf(device, who, whom, followed, given),
    };
    made.push({ device: which, owner: kind === "sale" ? 1 - owner : owner, document: make[kind]() });
  }
  return made.map(({ document }) => document);
}

/** Most times the first. */
const mostly = <T>(usual: T, other: fc.Arbitrary<T>) =>
  fc.oneof({ arbitrary: fc.constant(usual), weight: 3 }, { arbitrary: other, weight: 1 });

const step: fc.Arbitrary<Step> = fc.record({
  device: mostly(0, fc.constant(1)),
  kind: fc.constantFrom(...KINDS),
  isStranger: mostly<boolean>(false, fc.boolean()),
  after: mostly(0, fc.nat(5)),
  early: mostly(0, fc.nat(12)),
});

const inTwoOrders = fc.array(step, { minLength: 4, maxLength: 12 }).chain((steps) => {
  const statements = statementsOf(steps);
  const twice = [...statements, ...statements];
  return fc.tuple(fc.shuffledSubarray(twice, { minLength: twice.length }), fc.constant(statements));
});

test("a book's state follows from the set of statements, whatever order they come in", () => {
  let long = 0;
  fc.assert(
    fc.property(inTwoOrders, ([shuffled, inOrder]) => {
      const [one, other] = [createBook(), createBook()];
      for (const document of inOrder) one.receive(document);
      for (const document of shuffled) other.receive(document);
      expect(stateOf(other)).toEqual(stateOf(one));
      for (const kid of one.kids()) if ((one.device(kid)?.entries.length ?? 0) > 2) long++;
    }),
    { seed: 17, numRuns: 120 },
  );
  // The cases are not all of those in which nothing follows anything.
  expect(long).toBeGreaterThan(50);
});
