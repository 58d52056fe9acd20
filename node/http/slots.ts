import { HttpProblem } from "./problem.js";

/** Seconds after which it may be better. */
const RETRY = 30;

/** Places of which there are few: so many at a time, and so many of one address. */
export class Slots {
  readonly #taken = new Map<string, number>();
  #count = 0;

  /** `what` is taken, in plural, for people. */
  constructor(
    readonly what: string,
    readonly most: number,
    readonly mostEach: number,
  ) {}

  get count(): number {
    return this.#count;
  }

  /** Returns what gives the place back, once. Throws HttpProblem 503 where there is none. */
  take(address: string): () => void {
    const own = this.#taken.get(address) ?? 0;
    if (own >= this.mostEach)
      throw this.#full(`your address has ${this.mostEach} ${this.what} already: end one first`);
    if (this.#count >= this.most)
      throw this.#full(`there are ${this.most} ${this.what} already: come back later`);
    this.#count++;
    this.#taken.set(address, own + 1);
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      this.#count--;
      const left = (this.#taken.get(address) as number) - 1;
      if (left === 0) this.#taken.delete(address);
      else this.#taken.set(address, left);
    };
  }

  #full(detail: string): HttpProblem {
    return new HttpProblem(503, detail, { "retry-after": String(RETRY) });
  }
}
