/**
 * Fieldmark's own commands travel in RPC commands and results with this number: stock devices answer that they do not know it, stock
 * clients see a result of one string.
 *
 *   command, serial, index, count, bytes…
 *
 * A request longer than FRAGMENT_BYTES is sent in parts, `index` 0 to `count` - 1, all but the last of that length. The board answers
 * each but the last with the same four bytes alone; to the last it gives the first part of its answer. The client asks for the others:
 * `count` 0 in a request is "give me part `index` of your answer to this". So there is one packet on the wire at a time, and what is lost
 * can be asked for again: a request that is repeated with the same serial is not carried out again.
 */
export const FIELDMARK = 0xf1;

export const IDENTITY = 1;
export const SETTINGS = 2;
export const CLOCK = 3;
export const READING = 4;
export const JOURNAL = 5;
export const OWNER = 6;
export const RESTART = 7;
export const RESET = 8;

/** First item of an answer, `[code, value]`; what is not DONE has a text for people. */
export const DONE = 0;
/** What was asked is not allowed, or wrong; nothing has changed. */
export const REFUSED = 1;
/** The board could not do it. */
export const FAILED = 2;

export const PART_HEAD = 4;
export const FRAGMENT_BYTES = 240;
/** Parts of a request, at most. */
export const MAX_PARTS = 16;

/** What a reset asks for, word by word. */
export function resetConfirmation(device: string): string {
  return `ERASE ${device}`;
}

export interface ExchangeHandler {
  /** A whole request. Must not throw. */
  answer(command: number, body: Uint8Array): Uint8Array;
  /** The answer to a request of so many bytes, at least, for which there is no room: it was not kept. Must not throw. */
  tooLong(command: number, bytes: number): Uint8Array;
  /** Part of an answer, or, with no bytes, that a part of the request arrived. */
  part(command: number, serial: number, index: number, count: number, bytes: Uint8Array): void;
  invalid(): void;
}

const NOTHING = new Uint8Array(0);

/** The board's side. Keeps one request while it comes, and one answer until the next request. */
export class Exchange {
  readonly #handler: ExchangeHandler;
  readonly #room: number;
  #command = 0;
  #serial = -1;
  #request: Uint8Array | undefined;
  #isTooLong = false;
  #count = 0;
  #next = 0;
  #answer: Uint8Array | undefined;

  /** `room`: bytes of a request that are kept, at most. */
  constructor(handler: ExchangeHandler, room = MAX_PARTS * FRAGMENT_BYTES) {
    this.#handler = handler;
    this.#room = room;
  }

  /** `data`: all of the command's. */
  received(data: Uint8Array): void {
    const [command = 0, serial = 0, index = 0, count = 0] = data;
    const bytes = data.length - PART_HEAD;
    const isLast = index === count - 1;
    const isAsked = count === 0 && bytes === 0;
    const isPart = index < count && count <= MAX_PARTS && (isLast || bytes === FRAGMENT_BYTES);
    if (bytes < 0 || bytes > FRAGMENT_BYTES || !(isAsked || isPart)) this.#handler.invalid();
    else if (command === this.#command && serial === this.#serial && this.#answer !== undefined) {
      if (isAsked || isLast) this.give(isAsked ? index : 0);
      else this.#handler.part(command, serial, index, count, NOTHING);
    } else if (isAsked) this.#handler.invalid();
    else this.take(command, serial, index, count, data);
  }

  /** Drops what is under way. */
  forget(): void {
    this.#serial = -1;
    this.#request = undefined;
    this.#answer = undefined;
  }

  private take(command: number, serial: number, index: number, count: number, data: Uint8Array): void {
    if (index === 0) {
      this.#command = command;
      this.#serial = serial;
      this.#answer = undefined;
      const length = count === 1 ? data.length - PART_HEAD : count * FRAGMENT_BYTES;
      // The last part may be short: what is sure to be too long is not kept.
      this.#isTooLong = length - FRAGMENT_BYTES >= this.#room;
      this.#request = new Uint8Array(this.#isTooLong ? 0 : length);
      this.#count = count;
      this.#next = 0;
    }
    const request = this.#request;
    const isOther = command !== this.#command || serial !== this.#serial || count !== this.#count;
    const isInTurn = index === this.#next || index === this.#next - 1;
    if (isOther || !isInTurn || request === undefined) {
      this.#handler.invalid();
      return;
    }
    if (!this.#isTooLong) request.set(data.subarray(PART_HEAD), index * FRAGMENT_BYTES);
    this.#next = index + 1;
    if (index < count - 1) {
      this.#handler.part(command, serial, index, count, NOTHING);
      return;
    }
    this.#request = undefined;
    const length = index * FRAGMENT_BYTES + data.length - PART_HEAD;
    this.#answer = this.#isTooLong
      ? this.#handler.tooLong(command, length)
      : this.#handler.answer(command, request.subarray(0, length));
    this.give(0);
  }

  private give(index: number): void {
    const answer = this.#answer as Uint8Array;
    const count = Math.ceil(answer.length / FRAGMENT_BYTES);
    if (index >= count) this.#handler.invalid();
    else {
      const start = index * FRAGMENT_BYTES;
      const bytes = answer.subarray(start, start + FRAGMENT_BYTES);
      this.#handler.part(this.#command, this.#serial, index, count, bytes);
    }
  }
}
