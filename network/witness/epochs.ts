import type { Clock, Timer } from "../../agent/ports/clock.js";
import { digestOf } from "../bytes.js";
import { type InventoryBody, writeBody } from "../inventory/body.js";
import type { Log } from "../log/log.js";
import type { Guard } from "../ports/guard.js";
import type { StatementSigner } from "../ports/statement-keys.js";
import { inventoryDigest } from "../statement/statements.js";
import { writeEntry } from "./entries.js";
import { type InventoryParts, makeInventory } from "./make-inventory.js";

/**
 * Seconds from an epoch's close to its inventory, or as long as an epoch where that is less: frames
 * wait for those before them meanwhile.
 */
const GRACE = 30;
/** Milliseconds from one look at the clock to the next. */
const LOOK = 1000;
/** Milliseconds from a failure to the next try: a whole inventory is made for it. */
const RETRY = 10_000;

export interface EpochsParts extends Omit<InventoryParts, "breathe"> {
  readonly network: string;
  readonly clock: Clock;
  /** Seconds of an epoch; epoch n begins n times that after 1970. */
  readonly seconds: number;
  /** Epochs whose frames an inventory has: its own, and those before it. */
  readonly window: number;
  readonly guard: Guard;
  readonly signer: StatementSigner;
  /** EIP-712's separator. */
  readonly domain: Uint8Array;
  readonly log: Pick<Log, "append">;
  readonly signed: (epoch: number, body: InventoryBody) => void;
  readonly failed: (error: Error) => void;
}

/**
 * Signs an inventory at each epoch's close, once: the guard has the epoch before anything is
 * signed. Epochs that closed while nobody looked have none.
 */
export class Epochs {
  readonly #parts: EpochsParts;
  #timer: Timer | undefined;
  #isBusy = false;
  #isOver = false;
  #last: number;
  /** Uptime before which nothing is tried, and the failure that was told last. */
  #pausedUntil = 0;
  #told = "";

  /**
   * Without a guard's word nothing is signed for the epoch that is now or any before it: an
   * inventory of it may have been signed.
   */
  constructor(parts: EpochsParts) {
    this.#parts = parts;
    const { guard } = parts;
    const known = guard.read();
    this.#last = known?.inventory ?? this.epoch;
    if (known === undefined) guard.write({ inventory: this.#last });
    this.#wait();
  }

  /** The epoch that is open now. */
  get epoch(): number {
    const { clock, seconds } = this.#parts;
    return Math.floor(clock.wall().unix / 1000 / seconds);
  }

  close(): void {
    this.#isOver = true;
    if (this.#timer !== undefined) this.#parts.clock.clearTimer(this.#timer);
  }

  #wait(): void {
    if (this.#isOver) return;
    this.#timer = this.#parts.clock.setTimer(() => {
      this.#look();
      this.#wait();
    }, LOOK);
  }

  #look(): void {
    const { clock, seconds } = this.#parts;
    const grace = Math.min(GRACE, seconds);
    const closed = Math.floor((clock.wall().unix / 1000 - grace) / seconds) - 1;
    if (closed <= this.#last || this.#isBusy || clock.uptime() < this.#pausedUntil) return;
    this.#isBusy = true;
    this.#sign(closed)
      .then(() => {
        this.#told = "";
      })
      .catch((error: Error) => this.#fail(error))
      .finally(() => {
        this.#isBusy = false;
      });
  }

  /** The same failure is told once: a full disk stays full for long. */
  #fail(error: Error): void {
    const { clock, failed } = this.#parts;
    this.#pausedUntil = clock.uptime() + RETRY;
    if (error.message !== this.#told) failed(error);
    this.#told = error.message;
  }

  async #sign(epoch: number): Promise<void> {
    const { clock, seconds, window, guard, signer, domain, network, log, hasher, signed } = this.#parts;
    const breathe = () => new Promise<void>((done) => clock.setTimer(done, 0));
    const from = Math.max(0, seconds * (epoch - window + 1));
    const until = seconds * (epoch + 1);
    const made = await makeInventory({ ...this.#parts, breathe }, { epoch, from, until });
    if (this.#isOver) return;
    const body = writeBody(made);
    guard.write({ ...guard.read(), inventory: epoch });
    this.#last = epoch;
    const digest = inventoryDigest(domain, { network, epoch, body: digestOf(body, hasher) });
    log.append([writeEntry({ kind: "inventory", epoch, body, signature: signer.sign(digest) })]);
    signed(epoch, made);
  }
}
