import { digestOf } from "../../../network/bytes.js";
import { readMessage, writeMessage } from "../../../network/epoch/messages.js";
import { type EpochRecord, recordHash } from "../../../network/epoch/record.js";
import {
  type Electorate,
  isContradiction,
  nameOf,
  type Say,
  type SignedSay,
} from "../../../network/epoch/say.js";
import { leastQuorum } from "../../../network/epoch/slot-rules.js";
import { Voting } from "../../../network/epoch/voting.js";
import type { EpochStore, KeptSlot } from "../../../network/ports/epoch-store.js";
import type { GuardState } from "../../../network/ports/guard.js";
import type { StatementChecker, StatementSigner } from "../../../network/ports/statement-keys.js";
import { keccak } from "../../../network/statement/eip712.js";
import { sayDigest } from "../../../network/statement/statements.js";
import { hasher } from "../../../node/ports/signer.js";
import { type BoardClock, VirtualClock } from "../../support/virtual-clock.js";

/*
 * Witnesses that vote, in virtual time. Signatures are hashes with the signer's key in them: cheap,
 * and only a witness of the test makes them. Records are as small as records are.
 */

const EPOCH = 10_000;
export const DELAY = 500;
const STEP = 20;
const NETWORK = "demo";
const DOMAIN = new Uint8Array(32).fill(7);
const ZEROS = new Uint8Array(32);

const signatureOf = (key: Uint8Array, digest: Uint8Array) => {
  const signature = new Uint8Array(65);
  signature.set(key);
  signature.set(keccak(Uint8Array.of(...key, ...digest)), 33);
  return signature;
};
const checker: StatementChecker = {
  recover(signature, digest) {
    const key = signature.slice(0, 33);
    return nameOf(signatureOf(key, digest)) === nameOf(signature) ? key : undefined;
  },
};

/** Mulberry32: the same numbers for the same seed. */
export function diceOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export interface NetOptions {
  readonly witnesses: number;
  readonly seed: number;
  /** The last ones. */
  readonly liars?: number;
  /** Guards are as new after a kill: an error that must be found. */
  readonly isForgetful?: boolean;
}

/** A disk: what a witness has when it starts again. */
export interface Disk {
  guard: GuardState | undefined;
  slots: Map<number, KeptSlot>;
  settled: number;
}

export class VotingNet {
  readonly clock = new VirtualClock();
  readonly dice: () => number;
  readonly electorate: Electorate;
  readonly liars: readonly number[];
  /** Of honest witnesses alone. */
  readonly settled: EpochRecord[][] = [];
  readonly said: SignedSay[] = [];
  readonly evidence: (readonly [SignedSay, SignedSay])[] = [];
  readonly failures: Error[] = [];
  /** Of messages: the share that is lost, and milliseconds on the way at most. */
  loss = 0;
  latency = 50;
  /** Witnesses that hear each other: in the same group. */
  groups: readonly number[];
  readonly disks: Disk[] = [];
  readonly #running: (Voting | undefined)[] = [];
  readonly #clocks: (BoardClock | undefined)[] = [];
  messages = 0;

  readonly #isForgetful: boolean;

  constructor({ witnesses, seed, liars = 0, isForgetful = false }: NetOptions) {
    this.#isForgetful = isForgetful;
    this.dice = diceOf(seed);
    const keys = Array.from({ length: witnesses }, (_, at) => new Uint8Array(33).fill(at + 1));
    this.electorate = { network: NETWORK, domain: DOMAIN, keys, quorum: leastQuorum(witnesses) };
    this.liars = Array.from({ length: liars }, (_, at) => witnesses - 1 - at);
    this.groups = keys.map(() => 0);
    for (let at = 0; at < witnesses; at++) {
      this.disks.push({ guard: { inventory: 0 }, slots: new Map(), settled: 0 });
      this.settled.push([]);
      if (!this.liars.includes(at)) this.start(at);
    }
  }

  /** Milliseconds, a few at a time: what witnesses wait for comes in between. */
  async run(ms: number): Promise<void> {
    for (let left = ms; left > 0; left -= STEP) {
      this.clock.advance(STEP);
      for (let turn = 0; turn < 6; turn++) await undefined;
    }
  }

  start(at: number): void {
    const disk = this.disks[at] as Disk;
    const key = this.electorate.keys[at] as Uint8Array;
    const clock = this.clock.boot();
    const signer: StatementSigner = { publicKey: key, sign: (digest) => signatureOf(key, digest) };
    const store: EpochStore = {
      get last() {
        return Math.max(0, ...disk.slots.keys());
      },
      get settled() {
        return disk.settled;
      },
      set settled(slot) {
        disk.settled = slot;
      },
      get: (slot) => disk.slots.get(slot),
      put: (slot, kept) => disk.slots.set(slot, kept),
    };
    this.#clocks[at] = clock;
    this.#running[at] = new Voting({
      electorate: this.electorate,
      own: at,
      signer,
      checker,
      hasher,
      clock,
      delay: DELAY,
      guard: {
        read: () => disk.guard,
        write(state) {
          disk.guard = state;
        },
      },
      store,
      log: (say) => this.said.push(say),
      send: (message, to) => {
        for (let other = 0; other < this.electorate.keys.length; other++)
          if (other !== at && (to === undefined || to === other)) this.#carry(message, at, other);
      },
      closed: () => this.closed,
      propose: async (slot, epoch, parent) => this.make(slot, epoch, parent),
      check: async ({ record }) => record.total === 0,
      settled: (records) => (this.settled[at] as EpochRecord[]).push(...records.map(({ record }) => record)),
      evidence: (one, other) => this.evidence.push([one, other]),
      failed: (error) => this.failures.push(error),
    });
  }

  /** As kill -9. */
  kill(at: number): void {
    if (this.#isForgetful) (this.disks[at] as Disk).guard = { inventory: 0 };
    this.#clocks[at]?.cut();
    this.#running[at]?.close();
    this.#running[at] = undefined;
  }

  isUp(at: number): boolean {
    return this.#running[at] !== undefined;
  }

  slot(at: number): number {
    return this.#running[at]?.slot ?? 0;
  }

  get closed(): number {
    return 100 + Math.floor(this.clock.uptime() / EPOCH) - 1;
  }

  /** `mark`: another record for the same place; one with a total is wrong. */
  make(slot: number, epoch: number, parent: EpochRecord | undefined, mark = 0, total = 0) {
    const inputs = Uint8Array.of(mark, slot & 255, epoch & 255);
    const record: EpochRecord = {
      description: ZEROS,
      next: ZEROS,
      slot,
      epoch,
      parent: parent === undefined ? ZEROS : recordHash(parent),
      inputs: digestOf(inputs, hasher),
      state: ZEROS,
      payouts: ZEROS,
      total,
    };
    return { record, inputs };
  }

  sign(witness: number, say: Say): SignedSay {
    const key = this.electorate.keys[witness] as Uint8Array;
    return { ...say, witness, signature: signatureOf(key, sayDigest(DOMAIN, { network: NETWORK, ...say })) };
  }

  /** A liar tells one witness. */
  tell(to: number, message: Parameters<typeof writeMessage>[0], from: number): void {
    this.#carry(writeMessage(message), from, to);
  }

  /** What liars hear, to lie about it. */
  heard: (message: ReturnType<typeof readMessage>, at: number) => void = () => {};

  #carry(message: Uint8Array, from: number, to: number): void {
    this.messages++;
    if (this.groups[from] !== this.groups[to] || this.dice() < this.loss) return;
    const wait = this.dice() * this.latency * (this.dice() < 0.1 ? 10 : 1);
    this.clock.setTimer(() => {
      if (this.liars.includes(to)) {
        this.heard(readMessage(message), to);
        return;
      }
      for (const reply of this.#running[to]?.receive(message) ?? []) this.#carry(reply, to, from);
    }, wait);
  }
}

/** What is broken, in words: the oracles of agreement. */
export function violationsOf(net: VotingNet): string[] {
  const found: string[] = [];
  const honest = net.said.filter(({ witness }) => !net.liars.includes(witness));
  for (const [at, one] of honest.entries())
    for (const other of honest.slice(0, at))
      if (isContradiction(one, other))
        found.push(`witness ${one.witness} contradicts itself in slot ${one.slot}`);
  const chains = net.settled
    .filter((_, at) => !net.liars.includes(at))
    .map((chain) => chain.map((one) => nameOf(recordHash(one))));
  for (const chain of chains)
    for (const other of chains)
      for (let at = 0; at < Math.min(chain.length, other.length); at++)
        if (chain[at] !== other[at]) found.push(`two settled records at place ${at}`);
  for (const chain of net.settled)
    for (let at = 1; at < chain.length; at++)
      if (chain[at]?.epoch !== (chain[at - 1] as EpochRecord).epoch + 1)
        found.push("an epoch is missing, or twice");
  // With its liars in every one of them, a quorum needs so many honest witnesses.
  const least = net.electorate.quorum - net.liars.length;
  const counts = new Map<string, Set<number>>();
  for (const { slot, kind, record, witness } of honest) {
    const key = `${slot} ${kind} ${nameOf(record)}`;
    counts.set(key, (counts.get(key) ?? new Set()).add(witness));
  }
  const certified = [...counts].filter(([, who]) => who.size >= least).map(([key]) => key.split(" "));
  for (const [slot, kind, record] of certified)
    for (const [otherSlot, otherKind, otherRecord] of certified) {
      if (slot !== otherSlot) continue;
      if (kind === "vote" && otherKind === "vote" && record !== otherRecord)
        found.push(`slot ${slot}: two voted records`);
      if (kind === "final" && otherKind === "void") found.push(`slot ${slot}: settled and void`);
    }
  return [...new Set(found)];
}
