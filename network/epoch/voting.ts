import { isSameBytes } from "../../agent/cose/kid.js";
import type { Clock, Timer } from "../../agent/ports/clock.js";
import type { Hasher } from "../../agent/ports/signer.js";
import { digestOf } from "../bytes.js";
import type { EpochStore } from "../ports/epoch-store.js";
import type { StatementChecker } from "../ports/statement-keys.js";
import { Ballot, type BallotParts } from "./ballot.js";
import { type Certificate, isCertified, saysOf } from "./certificate.js";
import { type Base, KnownSlots } from "./known-slots.js";
import { type Message, readMessage, writeMessage } from "./messages.js";
import { leaderOf, type Proposal } from "./proposal.js";
import { type EpochRecord, recordHash } from "./record.js";
import { isSaid, NO_RECORD, nameOf, type SignedSay } from "./say.js";
import { mayFollow, type Parent } from "./slot-rules.js";
import type { SlotState } from "./slot-state.js";

/** Slots ahead of the current one about which single statements are kept. */
const AHEAD = 8;
/** Messages and bytes for somebody who is behind, at a time; or those of one slot more. */
const TOLD = 48;
const MOST_TOLD = 1 << 18;
/** A slot's timer and the time to the next word, in D; of the latter, how far it may grow. */
const TIMER = 3;
const MOST_PATIENCE = 16;
/** Looks at the clock in a D. */
const LOOKS = 5;

export interface VotingParts extends BallotParts {
  readonly checker: StatementChecker;
  readonly hasher: Hasher;
  readonly clock: Clock;
  /** Milliseconds: D. */
  readonly delay: number;
  readonly store: EpochStore;
  /** To one witness, or to all others. It may be lost, late, or come twice. */
  readonly send: (message: Uint8Array, to?: number) => void;
  /** The last epoch that has closed. */
  readonly closed: () => number;
  /**
   * Makes the record of an epoch for a slot that this witness leads; undefined: it cannot yet.
   * `parent`: left out: it is the first.
   */
  readonly propose: (
    slot: number,
    epoch: number,
    parent: EpochRecord | undefined,
  ) => Promise<{ readonly record: EpochRecord; readonly inputs: Uint8Array } | undefined>;
  /** Fetches what a proposal names, and recomputes it. False: it is wrong, or that cannot be told yet. */
  readonly check: (proposal: Proposal) => Promise<boolean>;
  /** Records that are settled, for good, in their order. After a crash some may be told again. */
  readonly settled: (records: readonly Proposal[]) => void;
  /** A witness contradicts itself. Told once of each pair. */
  readonly evidence: (one: SignedSay, other: SignedSay) => void;
  readonly failed: (error: Error) => void;
}

/** Agreement on records, slot by slot (docs/network.md, *Slots*). Whatever comes in, nothing is thrown. */
export class Voting {
  readonly #parts: VotingParts;
  readonly #ballot: Ballot;
  readonly #slots: KnownSlots;
  #slot = 1;
  /** Slot of the last settled record; 0: none. */
  #settled = 0;
  /** Uptimes: when the slot's timer ends, and when what may be lost is said again. */
  #deadline: number | undefined;
  #again = 0;
  #patience = 1;
  #asked = 0;
  /** Proposals whose check runs, by the record's hash. */
  readonly #checking = new Set<string>();
  readonly #good = new Set<string>();
  #isProposing = false;
  #timer: Timer | undefined;

  constructor(parts: VotingParts) {
    this.#parts = parts;
    this.#ballot = new Ballot(parts);
    const { store, clock, delay, electorate } = parts;
    this.#slots = new KnownSlots(store, electorate.quorum);
    this.#settled = store.settled;
    for (let slot = 1; slot <= store.last; slot++) {
      const kept = store.get(slot);
      if (kept?.votes !== undefined || kept?.voids !== undefined) this.#slot = slot + 1;
    }
    for (const say of this.#ballot.again())
      if (say.slot > this.#settled) this.#add(this.#slots.state(say.slot), say);
    const look = () => {
      this.#timer = clock.setTimer(look, delay / LOOKS);
      this.#step();
    };
    this.#timer = clock.setTimer(look, 0);
  }

  get slot(): number {
    return this.#slot;
  }

  close(): void {
    if (this.#timer !== undefined) this.#parts.clock.clearTimer(this.#timer);
    this.#timer = undefined;
  }

  /** Takes a message in; returns what whoever sent it should have. */
  receive(bytes: Uint8Array): Uint8Array[] {
    const message = readMessage(bytes);
    if (message === undefined) return [];
    if (message.type === "want") return this.#since(message.slot);
    if (this.#take(message)) {
      this.#patience = 1;
      this.#step();
    }
    return [];
  }

  /** Whether it was news. */
  #take(message: Message): boolean {
    if (message.type === "say") return this.#hear(message.say);
    if (message.type === "certificate") return this.#certified(message.certificate);
    return message.type === "proposal" && this.#proposed(message.proposal);
  }

  #hear(say: SignedSay): boolean {
    const { electorate, checker } = this.#parts;
    if (say.slot <= this.#settled || say.slot > this.#slot + AHEAD) return false;
    const state = this.#slots.state(say.slot);
    if (state.knows(say) || !state.hasRoom(say) || !isSaid(say, electorate, checker)) return false;
    this.#add(state, say);
    return true;
  }

  #add(state: SlotState, say: SignedSay): void {
    const contradicted = state.add(say);
    if (contradicted !== undefined) this.#parts.evidence(contradicted, say);
  }

  #certified(certificate: Certificate): boolean {
    const { electorate, checker } = this.#parts;
    const { slot, kind } = certificate;
    if (slot <= this.#settled) return false;
    const { votes, voids, finals } = this.#slots.kept(slot);
    const has = { vote: votes, void: voids, final: finals }[kind];
    if (has !== undefined || !isCertified(certificate, electorate, checker)) return false;
    const state = this.#slots.state(slot);
    for (const say of saysOf(certificate)) if (!state.knows(say)) this.#add(state, say);
    state.certify(certificate);
    this.#slots.keep(state);
    return true;
  }

  /** Whether it is its leader's, and what it names is there, is looked at now; the rest before a vote. */
  #proposed(proposal: Proposal): boolean {
    const { electorate, checker, hasher } = this.#parts;
    const { record, say, inputs, parent, voids } = proposal;
    const { slot } = record;
    if (slot <= this.#settled || say.slot !== slot || say.kind !== "vote") return false;
    if (say.witness !== leaderOf(slot, electorate.keys.length)) return false;
    let isNews = parent !== undefined && this.#certified(parent);
    for (const one of voids) isNews = this.#certified(one) || isNews;
    if (slot > this.#slot + AHEAD) return isNews;
    const state = this.#slots.state(slot);
    const isWhole =
      isSameBytes(recordHash(record), say.record) && isSameBytes(digestOf(inputs, hasher), record.inputs);
    if (state.has(say.record) || !isWhole || !this.#isParent(parent, record)) return isNews;
    if (!isSaid(say, electorate, checker)) return isNews;
    state.propose(proposal);
    if (!state.knows(say) && state.hasRoom(say)) this.#add(state, say);
    if (state.voted !== undefined) this.#slots.keep(state);
    return true;
  }

  /** Whether these are votes for the record's parent. What comes with a proposal, anybody may have changed. */
  #isParent(parent: Certificate | undefined, record: EpochRecord): boolean {
    if (parent === undefined) return isSameBytes(record.parent, NO_RECORD);
    const isNamed = parent.kind === "vote" && isSameBytes(parent.record, record.parent);
    return isNamed && this.#slots.hasVotes(parent.slot, nameOf(parent.record));
  }

  /** What is proven of slots from one on, as much as goes together. */
  #since(slot: number): Uint8Array[] {
    const messages: Uint8Array[] = [];
    let bytes = 0;
    const tell = (message: Message) => {
      const written = writeMessage(message);
      bytes += written.length;
      messages.push(written);
    };
    const last = Math.max(this.#slot, this.#parts.store.last);
    for (let at = Math.max(1, slot); messages.length < TOLD && bytes < MOST_TOLD && at <= last; at++) {
      const { proposal, own, votes, voids, finals } = this.#slots.kept(at);
      for (const one of new Set([proposal, own]))
        if (one !== undefined) tell({ type: "proposal", proposal: one });
      for (const certificate of [votes, voids, finals])
        if (certificate !== undefined) tell({ type: "certificate", certificate });
    }
    return messages;
  }

  #step(): void {
    if (this.#timer === undefined) return;
    try {
      while (this.#enter()) {}
      this.#settle();
      this.#lead();
      this.#vote();
      this.#watch();
      this.#repeat();
    } catch (error) {
      // Nothing was said that guard and log do not have. The next look tries again.
      this.#parts.failed(error as Error);
    }
  }

  /** Goes on to the next slot by a certificate, if there is one. */
  #enter(): boolean {
    const slot = this.#slot;
    const state = this.#slots.state(slot);
    const { votes, voids } = state;
    const certificate = votes ?? voids;
    // A slot further on that is certified is as good: what was missed is asked for.
    if (certificate === undefined) {
      const ahead = this.#slots.open.find(({ slot: at, votes, voids }) => at > slot && (votes ?? voids));
      if (ahead === undefined) return false;
      this.#slot = ahead.slot;
      return true;
    }
    if (votes !== undefined && this.#ballot.may("final", slot)) this.#say("final", slot, votes.record);
    this.#slots.keep(state);
    this.#slot = slot + 1;
    this.#deadline = undefined;
    this.#patience = 1;
    this.#again = this.#now;
    this.#good.clear();
    this.#send({ type: "certificate", certificate });
    return true;
  }

  #settle(): void {
    const last = this.#slots.open
      .filter(({ finals }) => finals !== undefined)
      .sort((a, b) => b.slot - a.slot)[0];
    if (last === undefined || last.slot <= this.#settled) return;
    const chain: Proposal[] = [];
    for (let at = last.slot; at > this.#settled; ) {
      const { proposal, votes } = this.#slots.kept(at);
      if (proposal === undefined || votes === undefined) return; // it is asked for
      chain.unshift(proposal);
      at = proposal.parent?.slot ?? 0;
    }
    this.#parts.settled(chain);
    this.#slots.close(last.slot);
    this.#parts.store.settled = last.slot;
    this.#settled = last.slot;
  }

  /** Proposes, where this witness leads and there is something to propose. */
  #lead(): void {
    const { electorate, own, propose } = this.#parts;
    const slot = this.#slot;
    const at = this.#slots.baseOf(this.#slot);
    if (
      leaderOf(slot, electorate.keys.length) !== own ||
      this.#isProposing ||
      !this.#ballot.may("vote", slot)
    )
      return;
    const epoch = this.#next(at);
    if (at === undefined || epoch === undefined) return;
    this.#isProposing = true;
    propose(slot, epoch, at.kept?.proposal?.record)
      .then((made) => {
        if (made === undefined || this.#slot !== slot || !this.#ballot.may("vote", slot)) return;
        const hash = recordHash(made.record);
        const say = this.#ballot.say("vote", slot, hash);
        const proposal = {
          ...made,
          say,
          parent: at.kept?.votes,
          voids: this.#slots.voidsBetween(at.parent.slot, slot),
        };
        const state = this.#slots.state(slot);
        state.choose(proposal);
        this.#slots.keep(state);
        this.#add(state, say);
        this.#send({ type: "proposal", proposal });
      })
      .catch((error: Error) => this.#parts.failed(error))
      .finally(() => {
        this.#isProposing = false;
      });
  }

  /** Votes for the first proposal that is found good; it may take long to find out. */
  #vote(): void {
    const slot = this.#slot;
    if (!this.#ballot.may("vote", slot)) return;
    for (const proposal of this.#slots.state(slot).proposals) {
      const name = nameOf(proposal.say.record);
      if (!this.#mayVoteFor(proposal)) continue;
      if (this.#good.has(name)) {
        const state = this.#slots.state(slot);
        state.choose(proposal);
        this.#slots.keep(state);
        this.#say("vote", slot, proposal.say.record);
        return;
      }
      if (this.#checking.has(name)) continue;
      this.#checking.add(name);
      this.#parts
        .check(proposal)
        .then((isGood) => {
          if (isGood && this.#slot === slot) this.#good.add(name);
        })
        .catch((error: Error) => this.#parts.failed(error))
        .finally(() => {
          this.#checking.delete(name);
          if (this.#good.has(name)) this.#step();
        });
    }
  }

  #mayVoteFor({ record, parent }: Proposal): boolean {
    const at: Parent = { slot: parent?.slot ?? 0, record: parent && nameOf(parent.record) };
    if (!mayFollow(at, record.slot, this.#slots) || record.epoch > this.#parts.closed()) return false;
    if (parent === undefined) return true;
    const before = this.#slots.kept(parent.slot).proposal?.record;
    return before !== undefined && record.epoch === before.epoch + 1;
  }

  /** The slot's timer runs while an epoch waits for its record. At its end the slot is given up. */
  #watch(): void {
    if (this.#next(this.#slots.baseOf(this.#slot)) === undefined) {
      this.#deadline = undefined;
      return;
    }
    const { delay } = this.#parts;
    this.#deadline ??= this.#now + TIMER * delay * 2 ** Math.min(30, this.#slots.voidsInRow(this.#slot));
    if (this.#now >= this.#deadline && this.#ballot.may("void", this.#slot)) this.#say("void", this.#slot);
  }

  /** Says again what may be lost, less and less often, while something is open. */
  #repeat(): void {
    const { delay, own, electorate } = this.#parts;
    const isOpen = this.#deadline !== undefined || this.#slot - 1 > this.#settled;
    if (!isOpen || this.#now < this.#again) return;
    this.#again = this.#now + delay * this.#patience;
    this.#patience = Math.min(MOST_PATIENCE, 2 * this.#patience);
    for (const state of this.#slots.open) {
      for (const say of state.saysBy(own)) this.#send({ type: "say", say });
      for (const proposal of state.proposals)
        if (proposal.say.witness === own && state.slot === this.#slot)
          this.#send({ type: "proposal", proposal });
    }
    const { votes, voids } = this.#slots.kept(this.#slot - 1);
    const certificate = votes ?? voids;
    if (certificate !== undefined) this.#send({ type: "certificate", certificate });
    const others = electorate.keys.length - 1;
    if (others === 0) return;
    this.#asked = (this.#asked + 1) % others;
    const to = (own + 1 + this.#asked) % electorate.keys.length;
    this.#parts.send(
      writeMessage({ type: "want", slot: this.#slots.firstMissing(this.#settled + 1, this.#slot) }),
      to,
    );
  }

  /** The epoch to be settled next, if it has closed. */
  #next(at: Base | undefined): number | undefined {
    const closed = this.#parts.closed();
    const before = at?.kept?.proposal?.record.epoch;
    const epoch = before === undefined ? closed : before + 1;
    return at !== undefined && epoch <= closed && epoch >= 0 ? epoch : undefined;
  }

  #say(kind: "vote" | "void" | "final", slot: number, record?: Uint8Array): void {
    const say = this.#ballot.say(kind, slot, record);
    this.#add(this.#slots.state(slot), say);
    this.#send({ type: "say", say });
  }

  #send(message: Message): void {
    this.#parts.send(writeMessage(message));
  }

  get #now(): number {
    return this.#parts.clock.uptime();
  }
}
