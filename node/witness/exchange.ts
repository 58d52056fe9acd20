import { fitting, MAX_PARCEL_BYTES, readParcel, writeParcel } from "../../network/epoch/parcel.js";
import type { Exchange, MessageLink, Receive } from "../../network/ports/exchange.js";

/** Messages that wait for one witness. Of more, the oldest go: what matters is said again. */
const MOST_WAITING = 256;
/** Milliseconds from a failure to the next try. */
const RETRY = 1000;

export interface HttpExchangeParts {
  /** By index; undefined: oneself, and whoever has no address. */
  readonly links: readonly (MessageLink | undefined)[];
  /** Takes what they answer. */
  readonly receive: Receive;
}

/** Messages to other witnesses over HTTP: one request at a time to each. */
export class HttpExchange implements Exchange {
  readonly #ways: (Way | undefined)[];

  constructor({ links, receive }: HttpExchangeParts) {
    this.#ways = links.map((link) => link && new Way(link, receive));
  }

  send(message: Uint8Array, to?: number): void {
    for (const [index, way] of this.#ways.entries()) if (to === undefined || to === index) way?.send(message);
  }

  close(): void {
    for (const way of this.#ways) way?.close();
  }
}

class Way {
  readonly #link: MessageLink;
  readonly #receive: Receive;
  #waiting: Uint8Array[] = [];
  #isBusy = false;
  #isOver = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(link: MessageLink, receive: Receive) {
    this.#link = link;
    this.#receive = receive;
  }

  send(message: Uint8Array): void {
    this.#waiting.push(message);
    if (this.#waiting.length > MOST_WAITING) this.#waiting.shift();
    if (!this.#isBusy && !this.#isOver) void this.#empty();
  }

  close(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
  }

  async #empty(): Promise<void> {
    this.#isBusy = true;
    while (this.#waiting.length > 0 && !this.#isOver) {
      const messages = this.#waiting.splice(0, fitting(this.#waiting));
      try {
        this.#take(await this.#link.messages(writeParcel(messages), MAX_PARCEL_BYTES));
      } catch {
        // What was sent is lost, as it may be. The others wait until there may be somebody again.
        this.#timer = setTimeout(() => void this.#empty(), RETRY);
        return;
      }
    }
    this.#isBusy = false;
  }

  #take(answer: Uint8Array): void {
    if (this.#isOver) return;
    for (const message of readParcel(answer) ?? [])
      for (const reply of this.#receive(message)) this.send(reply);
  }
}
