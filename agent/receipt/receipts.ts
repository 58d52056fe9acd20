import { isSameBytes, kidOfKey } from "../cose/kid.js";
import { isSignedBy, signerOf } from "../cose/sign1.js";
import type { Position } from "../frame/chain.js";
import { KID_BYTES } from "../frame/layout.js";
import type { Journal } from "../journal/journal.js";
import type { Clock, Timer } from "../ports/clock.js";
import type { SignatureChecker } from "../ports/signer.js";
import { type LeavingHandler, WitnessBacklog } from "./witness-backlog.js";
import { checkWitnesses, WITNESS_KEY_BYTES, type WitnessConfig } from "./witness-config.js";
import { MAX_RECEIPT_BYTES, parseWitnessReceipt, RECEIPT_TYPE } from "./witness-receipt.js";

/** Milliseconds from a message that was read to the next: whoever sends many takes little of the board's time. */
const PAUSE = 100;
/** Signatures that are checked at once, at most … */
const MAX_CHECKS = 6;
/** … and milliseconds until there may be another one: six a minute. */
const CHECK_INTERVAL = 10_000;

/** A witness as it is kept: its key, then its kid. */
const STRIDE = WITNESS_KEY_BYTES + KID_BYTES;

export interface ReceiptsInit {
  readonly network: string;
  /** Kid of this device. */
  readonly kid: Uint8Array;
  readonly config: WitnessConfig;
  readonly journal: Journal;
  readonly checker: SignatureChecker;
  readonly clock: Clock;
  readonly handler: ReceiptsHandler;
}

export interface ReceiptsHandler extends LeavingHandler {
  /** Whether this device may have signed a frame at this position. */
  hasSigned(position: Position): boolean;
}

/**
 * What reads a board's receipts: the class itself, which lies in flash. A board that is not given it has no code of it in its memory. Throws
 * SettingError.
 */
export type ReceiptsMaker = new (init: ReceiptsInit) => Receipts;

/**
 * The board's receipt topic: messages from anybody in, frames out of the journal. Messages are read one at a time, in a timer: the stack is deep
 * where they come from. Of each witness the newest waits, and they have their turns one after the other. What says nothing new costs no
 * signature check; and checks are counted out, so that nobody who forges receipts keeps a board busy.
 */
export class Receipts {
  /** What the brokers lack. */
  readonly backlog: WitnessBacklog;
  readonly #network: string;
  readonly #kid: Uint8Array;
  readonly #checker: SignatureChecker;
  readonly #clock: Clock;
  readonly #handler: ReceiptsHandler;
  readonly #witnesses: Uint8Array;
  readonly #waiting: (Uint8Array | undefined)[] = [];
  #turn = 0;
  #checks = MAX_CHECKS;
  /** Uptime up to which `#checks` is reckoned. */
  #reckoned = 0;
  #timer: Timer | undefined;
  readonly #timeIsUp = () => this.read();

  constructor({ network, kid, config, journal, checker, clock, handler }: ReceiptsInit) {
    checkWitnesses(config);
    const { keys, least } = config;
    this.backlog = new WitnessBacklog(journal, keys.length, least, handler);
    this.#network = network;
    this.#kid = kid;
    this.#checker = checker;
    this.#clock = clock;
    this.#handler = handler;
    this.#witnesses = new Uint8Array(STRIDE * keys.length);
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i] as Uint8Array;
      this.#witnesses.set(key, STRIDE * i);
      this.#witnesses.set(kidOfKey(key, checker), STRIDE * i + WITNESS_KEY_BYTES);
    }
  }

  /** One message of the receipt topic, which is kept. Whether it is a receipt by its form, whoever's. Never throws. */
  received(message: Uint8Array): boolean {
    const kid = signerOf(RECEIPT_TYPE, message, this.#network);
    if (kid === undefined) return false;
    if (message.length > MAX_RECEIPT_BYTES) return true;
    for (let at = WITNESS_KEY_BYTES; at < this.#witnesses.length; at += STRIDE)
      if (isSameBytes(kid, this.#witnesses.subarray(at, at + KID_BYTES))) {
        this.#waiting[(at - WITNESS_KEY_BYTES) / STRIDE] = message;
        this.wake(PAUSE);
      }
    return true;
  }

  /** Stops reading. */
  stop(): void {
    if (this.#timer !== undefined) this.#clock.clearTimer(this.#timer);
    this.#timer = undefined;
  }

  private wake(delay: number): void {
    this.#timer ??= this.#clock.setTimer(this.#timeIsUp, delay);
  }

  private read(): void {
    this.#timer = undefined;
    if (this.backlog.release()) {
      this.wake(0);
      return;
    }
    const count = this.#witnesses.length / STRIDE;
    for (let tries = 0; tries < count; tries++) {
      const witness = this.#turn;
      const message = this.#waiting[witness];
      if (message !== undefined && !this.mayCheck()) {
        this.wake(CHECK_INTERVAL);
        return;
      }
      this.#turn = (witness + 1) % count;
      if (message === undefined) continue;
      this.#waiting[witness] = undefined;
      this.take(witness, message);
      this.wake(PAUSE);
      return;
    }
  }

  private take(witness: number, message: Uint8Array): void {
    try {
      const { device, from, to, document } = parseWitnessReceipt(message, this.#network);
      if (!isSameBytes(device, this.#kid) || !this.#handler.hasSigned(to)) return;
      if (!this.backlog.lacks(witness, from, to)) return;
      this.#checks--;
      const start = STRIDE * witness;
      const key = this.#witnesses.subarray(start, start + WITNESS_KEY_BYTES);
      if (isSignedBy(RECEIPT_TYPE, document, key, this.#checker)) this.backlog.hold(witness, from, to);
    } catch {
      // It is no receipt, and nothing is lost by that.
    }
  }

  private mayCheck(): boolean {
    const more = Math.floor((this.#clock.uptime() - this.#reckoned) / CHECK_INTERVAL);
    this.#reckoned += more * CHECK_INTERVAL;
    this.#checks = Math.min(MAX_CHECKS, this.#checks + more);
    return this.#checks > 0;
  }
}
