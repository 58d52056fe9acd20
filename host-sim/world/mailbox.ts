/** A message that waits for its subscriber. `id` rises by one from 0 in each mailbox. */
export interface Item {
  readonly id: number;
  readonly payload: Uint8Array;
}

/** Messages that a subscriber may have unacknowledged, as mosquitto's `max_inflight_messages`. */
const IN_FLIGHT = 20;
/** Messages that wait, at most; more are refused, and stay on their boards. */
export const MAILBOX_LIMIT = 1_000_000;
/** Places at the front that are free before the list is moved up. */
const SLACK = 4096;

/** A subscriber's session with a broker: messages in order, until each is acknowledged. A new connection begins with the oldest. */
export class Mailbox {
  #items: (Item | undefined)[] = [];
  /** Id of `#items[0]`; first one not acknowledged; first one not sent in this connection. */
  #base = 0;
  #first = 0;
  #unsent = 0;
  #isConnected = false;

  /** Ids below this were acknowledged. */
  get acknowledged(): number {
    return this.#first;
  }

  /** The id that the next message gets. */
  get next(): number {
    return this.#base + this.#items.length;
  }

  get size(): number {
    return this.next - this.#first;
  }

  /** False where it is full. */
  put(payload: Uint8Array): boolean {
    if (this.size >= MAILBOX_LIMIT) return false;
    this.#items.push({ id: this.next, payload });
    return true;
  }

  connect(): void {
    this.#isConnected = true;
    this.#unsent = this.#first;
  }

  disconnect(): void {
    this.#isConnected = false;
  }

  /** Gives those messages to `send` that may go now. */
  deliver(send: (item: Item) => void): void {
    if (!this.#isConnected) return;
    for (; this.#unsent < this.next && this.#unsent < this.#first + IN_FLIGHT; this.#unsent++) {
      const item = this.#items[this.#unsent - this.#base];
      if (item !== undefined) send(item);
    }
  }

  /** True where others may go now. */
  acknowledge(id: number): boolean {
    const at = id - this.#base;
    if (!this.#isConnected || at < 0 || id >= this.next) return false;
    this.#items[at] = undefined;
    if (id !== this.#first) return false;
    while (this.#first < this.next && this.#items[this.#first - this.#base] === undefined) this.#first++;
    if (this.#unsent < this.#first) this.#unsent = this.#first;
    if (this.#first - this.#base > SLACK) {
      this.#items = this.#items.slice(this.#first - this.#base);
      this.#base = this.#first;
    }
    return true;
  }
}
