import type { KeptSlot } from "../ports/epoch-store.js";
import type { SayKind } from "../statement/statements.js";
import { type Certificate, certificateOf } from "./certificate.js";
import type { Proposal } from "./proposal.js";
import { isContradiction, nameOf, type SignedSay } from "./say.js";

/** Different things of one kind that are kept of one witness: two contradict each other. */
const MOST_OF_A_KIND = 2;
/** Proposals of one leader that are kept. */
const MOST_PROPOSALS = 2;

/** What is known of one slot. All that is put in was checked. */
export class SlotState {
  readonly slot: number;
  readonly #quorum: number;
  /** By kind and record, then by witness. */
  readonly #says = new Map<string, Map<number, SignedSay>>();
  readonly #proposals = new Map<string, Proposal>();
  #votes: Certificate | undefined;
  #voids: Certificate | undefined;
  #finals: Certificate | undefined;
  #own: Proposal | undefined;

  constructor(slot: number, quorum: number, kept: KeptSlot = {}) {
    this.slot = slot;
    this.#quorum = quorum;
    this.#votes = kept.votes;
    this.#voids = kept.voids;
    this.#finals = kept.finals;
    this.#own = kept.own;
    for (const proposal of [kept.proposal, kept.own])
      if (proposal !== undefined) this.#proposals.set(nameOf(proposal.say.record), proposal);
  }

  get votes(): Certificate | undefined {
    return this.#votes;
  }

  get voids(): Certificate | undefined {
    return this.#voids;
  }

  get finals(): Certificate | undefined {
    return this.#finals;
  }

  get proposals(): Iterable<Proposal> {
    return this.#proposals.values();
  }

  /** What goes to whoever is behind. */
  get kept(): KeptSlot {
    const { votes, voids, finals, voted: proposal } = this;
    return { votes, voids, finals, proposal, own: this.#own };
  }

  /** The record with the votes; undefined: there is none, or it is not here. */
  get voted(): Proposal | undefined {
    return this.#votes === undefined ? undefined : this.#proposals.get(nameOf(this.#votes.record));
  }

  /** What a witness said about it. */
  saysBy(witness: number): SignedSay[] {
    return this.#of(witness);
  }

  /** Whether this needs no second look. */
  knows({ kind, record, witness }: Omit<SignedSay, "signature">): boolean {
    return this.#says.get(keyOf(kind, record))?.has(witness) === true;
  }

  /** Whether there is room for one more such saying of its witness. */
  hasRoom({ kind, witness }: Pick<SignedSay, "kind" | "witness">): boolean {
    return this.#of(witness).filter((say) => say.kind === kind).length < MOST_OF_A_KIND;
  }

  /** Returns what it contradicts. */
  add(say: SignedSay): SignedSay | undefined {
    const contradicted = this.#of(say.witness).find((other) => isContradiction(say, other));
    const key = keyOf(say.kind, say.record);
    const says = this.#says.get(key) ?? new Map<number, SignedSay>();
    this.#says.set(key, says.set(say.witness, say));
    if (says.size >= this.#quorum) this.certify(certificateOf([...says.values()].slice(0, this.#quorum)));
    return contradicted;
  }

  /** The first of each kind stands: of votes and finals no other one can be. */
  certify(certificate: Certificate): void {
    if (certificate.kind === "vote") this.#votes ??= certificate;
    else if (certificate.kind === "void") this.#voids ??= certificate;
    else this.#finals ??= certificate;
  }

  propose(proposal: Proposal): void {
    const name = nameOf(proposal.say.record);
    const isVoted = this.#votes !== undefined && nameOf(this.#votes.record) === name;
    if (isVoted || this.#proposals.size < MOST_PROPOSALS) this.#proposals.set(name, proposal);
  }

  /** This witness is about to vote for it. */
  choose(proposal: Proposal): void {
    this.#own = proposal;
    this.propose(proposal);
  }

  has(record: Uint8Array): boolean {
    return this.#proposals.has(nameOf(record));
  }

  #of(witness: number): SignedSay[] {
    return [...this.#says.values()].flatMap((says) => says.get(witness) ?? []);
  }
}

const keyOf = (kind: SayKind, record: Uint8Array) => `${kind} ${nameOf(record)}`;
