import { CborReader } from "../cbor/reader.js";
import { CborWriter } from "../cbor/writer.js";
import { isSameBytes, kidOfKey } from "../cose/kid.js";
import { beginningOf } from "../cose/sign1.js";
import { CLOCK_UNSET } from "../frame/chain.js";
import { DIGEST_BYTES, KID_BYTES } from "../frame/layout.js";
import { InputError } from "../input-error.js";
import type { Clock } from "../ports/clock.js";
import type { KeyValue } from "../ports/key-value.js";
import type { SignatureChecker, Signer } from "../ports/signer.js";
import { COMMAND_TYPE, type Command, MAX_COMMAND_BYTES, MOST_AHEAD } from "./command.js";
import { resetConfirmation } from "./exchange.js";
import type { ProvisioningHost } from "./host.js";
import { type Outcome, type OutcomeWord, writeOutcome } from "./outcome.js";
import { ownerKid, ownerOf, ownershipOf } from "./owner.js";
import { NOT_AN_ORDER, readOrder } from "./read-order.js";

/**
 * Key of the last command that was accepted under this ownership: its counter, then its hash and its verb, three items of CBOR. A new
 * owner makes the board forget it, and a factory reset does not.
 */
const LAST = "command";
/** Key of what was said of it, signed. Not there while it is carried out. */
const SAID = "outcome";
/** Key of the command whose settings are on trial, as under LAST. */
const TRIED = "order-on-trial";
const ROOM = 64;

/** How much a message is like an order, by its beginning: it is none, is somebody's, has the owner's kid. */
export const NO_ORDER = 0;
export const AN_ORDER = 1;
export const OWNERS_ORDER = 2;

export interface ObedienceInit {
  readonly signer: Signer & SignatureChecker;
  readonly store: KeyValue;
  readonly host: Pick<ProvisioningHost, "identity" | "configure" | "reset">;
  readonly boot: number;
  /** By which an order's time is judged. */
  readonly clock: Pick<Clock, "wall">;
}

/** What a board says of an order on its console. `repeated`: it came before, and gets the answer of then. `reason` repeats no value. */
export interface CommandOutcome {
  readonly type: OutcomeWord | "repeated";
  /** Where the owner's key has signed it. */
  readonly counter?: number;
  readonly verb?: string;
  readonly reason?: string;
}

export interface Answer {
  readonly outcome: CommandOutcome;
  /** SHA-256 of the order. */
  readonly order: Uint8Array;
  /** The outcome, signed, where the order was the owner's and used up its counter. Others are signed on demand: anybody can make a board refuse. */
  readonly document?: Uint8Array | undefined;
  /** Whether the board has to start again now. */
  readonly restarts: boolean;
}

interface Last {
  readonly counter: number;
  readonly order: Uint8Array;
  readonly verb: string;
}

/** Whose the board is, and how far that owner's counters have come. */
type OwnerStanding = Pick<Outcome, "owner" | "ownership" | "last">;

/** Obeys the owner whose key was stored at provisioning, and nobody else. */
export class Obedience {
  readonly #init: ObedienceInit;
  /** What every order begins with. */
  readonly #beginning = beginningOf(COMMAND_TYPE);

  constructor(init: ObedienceInit) {
    this.#init = init;
  }

  /** Cheap, for messages that have to be told apart before there is time to read them. */
  likeness(message: Uint8Array): number {
    const beginning = this.#beginning;
    const at = beginning.length;
    if (message.length < at + KID_BYTES) return NO_ORDER;
    for (let i = 0; i < at; i++) if (message[i] !== beginning[i]) return NO_ORDER;
    const { signer, store } = this.#init;
    const owner = ownerOf(store);
    if (owner === undefined) return AN_ORDER;
    const kid = kidOfKey(owner, signer);
    for (let i = 0; i < KID_BYTES; i++) if (message[at + i] !== kid[i]) return AN_ORDER;
    return OWNERS_ORDER;
  }

  hash(message: Uint8Array): Uint8Array {
    const digest = new Uint8Array(DIGEST_BYTES);
    this.#init.signer.sha256(message, digest, 0);
    return digest;
  }

  /** One message of the command topic, from whomever. Never throws. */
  received(message: Uint8Array): Answer {
    const order = this.hash(message);
    try {
      return this.repeated(order) ?? this.carryOut(message, order);
    } catch (error) {
      return { order, outcome: { type: "refused", reason: reasonOf(error) }, restarts: false };
    }
  }

  /** Signs what was said of an order that is not the owner's, or not for this time. */
  sign({ outcome: { type, counter, verb, reason }, order }: Omit<Answer, "restarts">): Uint8Array {
    const signed = counter === undefined || verb === undefined ? undefined : { counter, verb };
    return this.write(type as OutcomeWord, order, reason ?? "", signed, this.standing());
  }

  /** What was said last of an order that the owner had signed, if anything ever was. */
  get said(): Uint8Array | undefined {
    return this.#init.store.get(SAID);
  }

  /** New settings have come to stay, or are gone: what is to be said of the order that had brought them, if one had. */
  trialEnded(outcome: "kept" | "reverted", reason: string): Uint8Array | undefined {
    const { store } = this.#init;
    const tried = readLast(store.get(TRIED));
    if (tried === undefined) return undefined;
    const { order, counter, verb } = tried;
    const document = this.write(outcome, order, reason, { counter, verb }, this.standing());
    if (isSameBytes(readLast(store.get(LAST))?.order, order)) store.set(SAID, document);
    store.delete(TRIED);
    return document;
  }

  /** The answer to an order that came before. */
  private repeated(order: Uint8Array): Answer | undefined {
    const { store } = this.#init;
    const last = readLast(store.get(LAST));
    if (last === undefined || !isSameBytes(last.order, order)) return undefined;
    const { counter, verb } = last;
    const document = store.get(SAID);
    if (document !== undefined)
      return { order, document, outcome: { type: "repeated", counter, verb }, restarts: false };
    const reason =
      "the board started again while it carried this out: part of it may be done. Give the order again";
    return this.conclude(order, { type: "refused", counter, verb, reason }, this.standing());
  }

  /** Throws for what is not the owner's, or not for this board, or not carried out for another reason than its content. */
  private carryOut(message: Uint8Array, order: Uint8Array): Answer {
    const command = this.read(message);
    const { counter, verb } = command;
    try {
      this.take(command, order);
    } catch (error) {
      return { order, outcome: { type: "refused", counter, verb, reason: reasonOf(error) }, restarts: false };
    }
    const standing = this.standing(); // a reset forgets the owner
    try {
      return this.conclude(order, { type: this.run(command), counter, verb }, standing);
    } catch (error) {
      return this.conclude(order, { type: "refused", counter, verb, reason: reasonOf(error) }, standing);
    }
  }

  private read(message: Uint8Array): Command {
    const { signer, store, host } = this.#init;
    if (message.length > MAX_COMMAND_BYTES) throw new InputError(tooLong(message.length));
    const likeness = this.likeness(message);
    if (likeness === NO_ORDER) throw new InputError(NOT_AN_ORDER);
    const owner = ownerOf(store);
    if (owner === undefined) throw new InputError("the board has no owner");
    if (likeness === AN_ORDER) throw new InputError("another key than its owner's has signed it");
    const command = readOrder(message, owner, host.identity, signer);
    if (!isSameBytes(command.ownership, ownershipOf(store)))
      throw new InputError("it was given under another ownership: before the board's owner was set last");
    this.checkTime(command.until);
    return command;
  }

  /** An order that somebody held back does nothing once its time is over. */
  private checkTime(until: number): void {
    const { state, unix } = this.#init.clock.wall();
    if (state === CLOCK_UNSET)
      throw new InputError("the board does not know the time yet, and an order counts for a time only");
    const now = Math.floor(unix / 1000);
    if (now > until) throw new InputError(`its time was over ${now - until} s ago by the board's clock`);
  }

  /** Durable before anything is done: whatever the power does, no command is obeyed twice. */
  private take({ counter, verb }: Command, order: Uint8Array): void {
    const { store } = this.#init;
    const last = readLast(store.get(LAST));
    const before = last?.counter ?? 0;
    if (counter <= before) throw new InputError(`its counter is not above the last one's, ${before}`);
    if (counter > before + MOST_AHEAD)
      throw new InputError(`its counter is more than ${MOST_AHEAD} above the last one's, ${before}`);
    store.delete(SAID);
    store.set(LAST, writeLast({ counter, order, verb: verb.slice(0, ROOM / 4) }));
  }

  private run({ verb, body }: Command): OutcomeWord {
    const { host } = this.#init;
    switch (verb) {
      case "settings":
        host.configure(body, "order");
        return "on-trial";
      case "reset":
        if (body !== resetConfirmation(host.identity.device)) throw new InputError("reset: not confirmed");
        host.reset();
        return "obeyed";
      case "restart":
        return "obeyed";
      default:
        throw new InputError("this board's firmware knows no such order");
    }
  }

  private standing(): OwnerStanding {
    const { store, signer } = this.#init;
    const last = readLast(store.get(LAST))?.counter ?? 0;
    return { owner: ownerKid(store, signer), ownership: ownershipOf(store), last };
  }

  /** Keeps what is said of an order, for when it comes again. */
  private conclude(order: Uint8Array, outcome: CommandOutcome, standing: OwnerStanding): Answer {
    const { store } = this.#init;
    const { type, counter = 0, verb = "", reason = "" } = outcome;
    const document = this.write(type as OutcomeWord, order, reason, { counter, verb }, standing);
    try {
      if (type === "on-trial") store.set(TRIED, writeLast({ counter, order, verb }));
      store.set(SAID, document);
    } catch {
      // It is said now, and cannot be said again.
    }
    return { order, document, outcome, restarts: outcome.type !== "refused" };
  }

  private write(
    outcome: OutcomeWord,
    order: Uint8Array,
    reason: string,
    signed: Outcome["signed"],
    standing: OwnerStanding,
  ): Uint8Array {
    const { signer, host, boot } = this.#init;
    const { publicKey } = signer;
    return writeOutcome(
      { network: host.identity.network, publicKey, order, boot, outcome, reason, signed, ...standing },
      signer,
    );
  }
}

export function tooLong(bytes: number): string {
  return `it has ${bytes} bytes, of which a board reads ${MAX_COMMAND_BYTES}`;
}

/** Of errors that are not about the order only the name: what they say may hold a secret. */
function reasonOf(error: unknown): string {
  const { name, message } = error as Error;
  return error instanceof InputError ? message : `failed (${name})`;
}

function readLast(bytes: Uint8Array | undefined): Last | undefined {
  if (bytes === undefined) return undefined;
  const reader = new CborReader(bytes);
  return { counter: reader.uint(), order: reader.bytes(), verb: reader.text() };
}

function writeLast({ counter, order, verb }: Last): Uint8Array {
  const writer = new CborWriter(new Uint8Array(ROOM + 4 * verb.length));
  writer.int(counter);
  writer.bytes(order);
  writer.text(verb);
  return writer.buffer.slice(0, writer.offset);
}

/**
 * For a new owner, or a new identity: counters start over, and nothing is said of earlier orders.
 */
export function forgetOrders(store: KeyValue): void {
  for (const key of [LAST, SAID, TRIED] as const) store.delete(key);
}
