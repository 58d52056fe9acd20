import type { Clock, Timer } from "../ports/clock.js";
import {
  type Answer,
  type CommandOutcome,
  NO_ORDER,
  Obedience,
  type ObedienceInit,
  OWNERS_ORDER,
  tooLong,
} from "./obedience.js";
import { NOT_AN_ORDER } from "./read-order.js";

/** Messages that wait to be read, at most; of 1,024 bytes each. */
const MAX_WAITING = 3;
/** Milliseconds from a message that was nobody's order to the next that is read: whoever sends many takes little of the board's time. */
const PAUSE = 100;
/** Answers that anybody can get signed or sent again, at once … */
const MAX_ANSWERS = 8;
/** … and milliseconds until there is another one. */
const ANSWER_INTERVAL = 5000;
/** Milliseconds that brokers have to acknowledge what is said of an order before the board starts again. */
const RESTART_LIMIT = 5000;

/** Why an order was not read; whoever gave it may give it again. */
export const TOO_MANY = "too many messages came at once";

export interface OrdersInit extends ObedienceInit {
  readonly clock: Clock;
  /** Publishes on the board's event topic to all brokers that are connected. Returns how many; calls `acknowledged` for each that has it. */
  readonly publish: (document: Uint8Array, retain: boolean, acknowledged: () => void) => number;
  /** Starts the board again, a moment after it returns. */
  readonly restart: () => void;
  /** What became of a message. Must not throw. */
  readonly observe: (outcome: CommandOutcome) => void;
}

/**
 * The board's command topic: messages from anybody in, answers out. Messages are read one at a time, in a timer: the stack is deep where they come from,
 * with TLS above all. What anybody can bring about is bounded: messages that wait, time, signatures. An order of the owner's that is waiting is never
 * dropped for somebody else's.
 */
export class Orders {
  readonly #init: OrdersInit;
  readonly #obedience: Obedience;
  readonly #waiting: Uint8Array[] = [];
  #timer: Timer | undefined;
  /** Messages that were dropped unread since the last turn, and what the latest of them was. */
  #dropped = 0;
  #missed: Uint8Array | undefined;
  #tooLong = 0;
  /** Uptime from which on the next message may be read. */
  #pausedUntil = 0;
  #answers = MAX_ANSWERS;
  /** Uptime up to which `#answers` is reckoned. */
  #reckoned = 0;
  /** What the owner may not have heard: it is said when a broker is connected, until one has it. */
  #unsaid: Uint8Array | undefined;
  /** The latest refusal of what was not the owner's, until a broker has it: the session may have ended in between. */
  #refusal: Uint8Array | undefined;
  #isEnding = false;

  constructor(init: OrdersInit) {
    this.#init = init;
    this.#obedience = new Obedience(init);
    this.#unsaid = this.#obedience.said;
  }

  /** A message of the command topic, which is kept. None is nobody's order: somebody has cleared the topic. */
  received(message: Uint8Array): void {
    if (message.length === 0 || this.#isEnding) return;
    const waiting = this.#waiting;
    if (waiting.length < MAX_WAITING) waiting.push(message);
    else this.displace(message);
    this.wake();
  }

  /** A message that was too long to be kept. */
  passedOver(bytes: number): void {
    this.#tooLong = bytes;
    this.wake();
  }

  /** A broker is connected. */
  connected(): void {
    if (this.#isEnding) return;
    if (this.#refusal !== undefined) this.publishRefusal(this.#refusal);
    const document = this.#unsaid;
    if (document === undefined) return;
    this.#init.publish(document, true, () => {
      this.#unsaid = undefined;
    });
  }

  /** How the trial of new settings ended. */
  trialEnded(outcome: "kept" | "reverted", reason: string): void {
    const document = this.#obedience.trialEnded(outcome, reason);
    if (document === undefined) return;
    this.#unsaid = document;
    this.connected();
  }

  stop(): void {
    if (this.#timer !== undefined) this.#init.clock.clearTimer(this.#timer);
    this.#isEnding = true;
  }

  /** Drops this message, or one that is less like an order of the owner's. */
  private displace(message: Uint8Array): void {
    const obedience = this.#obedience;
    let dropped = message;
    const likeness = obedience.likeness(message);
    const at = this.#waiting.findIndex((other) => obedience.likeness(other) < likeness);
    if (at >= 0) {
      dropped = this.#waiting[at] as Uint8Array;
      this.#waiting[at] = message;
    }
    this.#dropped++;
    if (obedience.likeness(dropped) !== NO_ORDER) this.#missed = obedience.hash(dropped);
  }

  private wake(): void {
    if (this.#isEnding) return;
    const { clock } = this.#init;
    this.#timer ??= clock.setTimer(() => this.turn(), Math.max(0, this.#pausedUntil - clock.uptime()));
  }

  private turn(): void {
    this.#timer = undefined;
    const message = this.next();
    const answer = message === undefined ? undefined : this.#obedience.received(message);
    if (answer !== undefined) this.answer(answer);
    if (!this.#isEnding) this.complain();
    if (answer?.outcome.counter === undefined) this.#pausedUntil = this.#init.clock.uptime() + PAUSE;
    if (this.#waiting.length > 0) this.wake();
  }

  /** Orders of the owner go first. */
  private next(): Uint8Array | undefined {
    const waiting = this.#waiting;
    const at = waiting.findIndex((message) => this.#obedience.likeness(message) === OWNERS_ORDER);
    return at < 0 ? waiting.shift() : waiting.splice(at, 1)[0];
  }

  private answer(answer: Answer): void {
    const { outcome, document, restarts } = answer;
    this.#init.observe(outcome);
    if (document === undefined) {
      if (outcome.reason !== NOT_AN_ORDER) this.refuse(answer);
    } else if (outcome.type === "repeated") {
      if (this.mayAnswer()) this.#init.publish(document, true, () => {});
    } else this.tell(document, restarts);
  }

  /** Says what became of an order of the owner's; retained, so that the owner hears of it later, too. */
  private tell(document: Uint8Array, restarts: boolean): void {
    const { clock, publish, restart } = this.#init;
    let missing = 0;
    let isOver = false;
    const end = () => {
      if (!isOver) restart();
      isOver = true;
    };
    const acknowledged = () => {
      this.#unsaid = undefined;
      if (--missing === 0 && restarts) end();
    };
    this.#unsaid = document;
    this.#isEnding = restarts;
    missing = publish(document, true, acknowledged);
    if (!restarts) return;
    if (missing === 0) end();
    else clock.setTimer(end, RESTART_LIMIT);
  }

  /** What came and was not read. */
  private complain(): void {
    const dropped = this.#dropped;
    const missed = this.#missed;
    const bytes = this.#tooLong;
    this.#dropped = 0;
    this.#missed = undefined;
    this.#tooLong = 0;
    if (dropped > 0) this.pass(missed, `${TOO_MANY}: ${dropped} were not read`);
    if (bytes > 0) this.pass(new Uint8Array(0), tooLong(bytes));
  }

  private pass(order: Uint8Array | undefined, reason: string): void {
    const outcome = { type: "refused", reason } as const;
    this.#init.observe(outcome);
    if (order !== undefined) this.refuse({ outcome, order });
  }

  /** Not retained: anybody can have a board refuse, and nobody may displace what is said to the owner. */
  private refuse(answer: Pick<Answer, "outcome" | "order">): void {
    if (this.mayAnswer()) this.publishRefusal(this.#obedience.sign(answer));
  }

  private publishRefusal(document: Uint8Array): void {
    this.#refusal = document;
    this.#init.publish(document, false, () => {
      this.#refusal = undefined;
    });
  }

  private mayAnswer(): boolean {
    const now = this.#init.clock.uptime();
    const more = Math.floor((now - this.#reckoned) / ANSWER_INTERVAL);
    this.#reckoned += more * ANSWER_INTERVAL;
    this.#answers = Math.min(MAX_ANSWERS, this.#answers + more);
    if (this.#answers === 0) return false;
    this.#answers--;
    return true;
  }
}
