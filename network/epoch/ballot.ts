import { unhex } from "../../agent/cose/kid.js";
import type { Guard } from "../ports/guard.js";
import type { StatementSigner } from "../ports/statement-keys.js";
import { type SayKind, sayDigest } from "../statement/statements.js";
import { type Electorate, NO_RECORD, nameOf, type Say, type SignedSay } from "./say.js";
import { mayFinal, mayVoid, mayVote, NOTHING_SIGNED, type Signed } from "./slot-rules.js";

export interface BallotParts {
  readonly electorate: Electorate;
  /** This witness's place in the description. */
  readonly own: number;
  readonly signer: StatementSigner;
  readonly guard: Guard;
  /** Puts it into the log, durably, before anybody else gets it. Throws where it cannot. */
  readonly log: (say: SignedSay) => void;
}

const MAY = { vote: mayVote, void: mayVoid, final: mayFinal };

/**
 * What this witness says about slots. The guard has each word before it is signed, so that nothing
 * that happens makes it contradict itself. About a slot before the guard's it says nothing any more.
 */
export class Ballot {
  readonly #parts: BallotParts;

  constructor(parts: BallotParts) {
    this.#parts = parts;
  }

  may(kind: SayKind, slot: number): boolean {
    const signed = this.#signed(slot);
    return signed !== undefined && MAY[kind](signed);
  }

  /** Throws where guard or log cannot be written: then nothing was said, or nobody heard it. */
  say(kind: SayKind, slot: number, record: Uint8Array = NO_RECORD): SignedSay {
    const { guard, log } = this.#parts;
    const signed = this.#signed(slot);
    const state = guard.read();
    if (signed === undefined || state === undefined)
      throw new Error(`nothing may be said about slot ${slot}`);
    const name = nameOf(record);
    const news: Partial<Signed> = kind === "void" ? { isVoid: true } : { [kind]: name };
    guard.write({ ...state, said: { slot, ...signed, ...news } });
    const made = this.#sign({ slot, kind, record });
    log(made);
    return made;
  }

  /** What it said last, in the same bytes, or was about to say: others may not have heard it. */
  again(): SignedSay[] {
    const { slot = 0, vote, final, isVoid = false } = this.#parts.guard.read()?.said ?? {};
    return [
      ...(vote === undefined ? [] : [this.#sign({ slot, kind: "vote", record: unhex(vote) })]),
      ...(final === undefined ? [] : [this.#sign({ slot, kind: "final", record: unhex(final) })]),
      ...(isVoid ? [this.#sign({ slot, kind: "void", record: NO_RECORD })] : []),
    ];
  }

  #sign(say: Say): SignedSay {
    const { electorate, own, signer } = this.#parts;
    const { network, domain } = electorate;
    return { ...say, witness: own, signature: signer.sign(sayDigest(domain, { network, ...say })) };
  }

  /** Undefined: it must not say anything about this slot. */
  #signed(slot: number): Signed | undefined {
    const state = this.#parts.guard.read();
    if (state === undefined) return undefined;
    const { said } = state;
    if (said === undefined || slot > said.slot) return NOTHING_SIGNED;
    if (slot < said.slot) return undefined;
    const { slot: _, ...signed } = said;
    return signed;
  }
}
