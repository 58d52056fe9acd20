import type { Certified, Parent, Signed } from "../../../network/epoch/slot-rules.js";

/*
 * A model of two slots among four witnesses of which one lies: it says all things, to whomever it
 * likes, and leads both slots. Messages come in every order, late or never, and timers end whenever
 * they like: what a witness may do at some time, it does in one branch, and leaves in another. The
 * rules are the ones that ship.
 */

export interface Rules {
  mayVote(signed: Signed): boolean;
  mayVoid(signed: Signed): boolean;
  mayFinal(signed: Signed): boolean;
  mayFollow(parent: Parent, slot: number, known: Certified): boolean;
}

/** What may be proposed: two records for the first slot, and one on each of these and on nothing for the second. */
const PROPOSED: Readonly<Record<string, { readonly slot: number; readonly parent: Parent }>> = {
  a: { slot: 1, parent: { slot: 0, record: undefined } },
  b: { slot: 1, parent: { slot: 0, record: undefined } },
  "0": { slot: 2, parent: { slot: 0, record: undefined } },
  A: { slot: 2, parent: { slot: 1, record: "a" } },
  B: { slot: 2, parent: { slot: 1, record: "b" } },
};
const SLOTS = [1, 2];
const HONEST = 3;
/** Honest witnesses that a certificate takes: the liar is in all of them. */
const QUORUM = 2;

interface Witness {
  /** In which it is: 3 is behind both. */
  readonly slot: number;
  readonly signed: readonly [Signed, Signed];
}

export interface Explored {
  readonly states: number;
  /** What is broken first, and how it came about; undefined: nothing is. */
  readonly violation: string | undefined;
}

export function explore(rules: Rules): Explored {
  const nothing: Signed = { isVoid: false };
  const start: Witness[] = Array.from({ length: HONEST }, () => ({ slot: 1, signed: [nothing, nothing] }));
  const seen = new Set([nameOf(start)]);
  const waiting = [start];
  for (let state = waiting.pop(); state !== undefined; state = waiting.pop()) {
    const violation = violationOf(state);
    if (violation !== undefined) return { states: seen.size, violation };
    for (const next of successors(state, rules)) {
      const name = nameOf(next);
      if (seen.has(name)) continue;
      seen.add(name);
      waiting.push(next);
    }
  }
  return { states: seen.size, violation: undefined };
}

function* successors(state: readonly Witness[], rules: Rules): Generator<Witness[]> {
  const known = certifiedBy(state);
  for (const [index, witness] of state.entries()) {
    const { slot, signed } = witness;
    const own = signed[slot - 1];
    if (own === undefined) continue;
    const become = (next: Partial<Signed>, into = slot): Witness[] => {
      const all: [Signed, Signed] = [...signed];
      all[slot - 1] = { ...own, ...next };
      return state.map((other, at) => (at === index ? { slot: into, signed: all } : other));
    };
    for (const [record, { slot: of, parent }] of Object.entries(PROPOSED)) {
      if (of !== slot) continue;
      if (rules.mayVote(own) && rules.mayFollow(parent, slot, known)) yield become({ vote: record });
      if (!known.hasVotes(slot, record)) continue;
      // It may stop in between, and go on from what its guard says.
      if (rules.mayFinal(own)) yield become({ final: record });
      yield become({}, slot + 1);
    }
    if (rules.mayVoid(own)) yield become({ isVoid: true });
    if (known.hasVoids(slot)) yield become({}, slot + 1);
  }
}

function count(state: readonly Witness[], slot: number, is: (signed: Signed) => boolean): number {
  return state.filter(({ signed }) => is(signed[slot - 1] as Signed)).length;
}

const certifiedBy = (state: readonly Witness[]): Certified => ({
  hasVotes: (slot, record) => count(state, slot, ({ vote }) => vote === record) >= QUORUM,
  hasVoids: (slot) => count(state, slot, ({ isVoid }) => isVoid) >= QUORUM,
});

function violationOf(state: readonly Witness[]): string | undefined {
  const known = certifiedBy(state);
  const in_ = (slot: number) => Object.keys(PROPOSED).filter((record) => PROPOSED[record]?.slot === slot);
  const voted = (slot: number) => in_(slot).filter((record) => known.hasVotes(slot, record));
  const settled = (slot: number) =>
    in_(slot).filter((record) => count(state, slot, ({ final }) => final === record) >= QUORUM);
  for (const slot of SLOTS) {
    if (voted(slot).length > 1) return `slot ${slot} has two voted records`;
    if (settled(slot).length > 0 && known.hasVoids(slot)) return `slot ${slot} is settled and void`;
  }
  const [first] = settled(1);
  const [second] = voted(2);
  if (first !== undefined && second !== undefined && PROPOSED[second]?.parent.record !== first)
    return "a voted record does not follow the settled one";
  for (const { signed } of state)
    for (const { isVoid, final } of signed)
      if (isVoid && final !== undefined) return "an honest witness contradicts itself";
  return undefined;
}

/** The honest ones are alike: who is who does not matter. */
function nameOf(state: readonly Witness[]): string {
  return state
    .map(
      ({ slot, signed }) =>
        slot +
        signed.map(({ vote = ".", final = ".", isVoid }) => vote + final + (isVoid ? "v" : ".")).join(""),
    )
    .sort()
    .join();
}
