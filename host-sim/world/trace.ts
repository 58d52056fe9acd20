import { createHash } from "node:crypto";

/** Characters that are gathered before they are hashed. */
const BLOCK = 1 << 16;

/** All that happened, a line each: milliseconds, who, what. Its SHA-256 stands for the run. */
export class Trace {
  readonly #hash = createHash("sha256");
  readonly #sink: ((text: string) => void) | undefined;
  #text = "";
  #lines = 0;

  /** `sink` gets the lines, many at a time, each with its line feed. */
  constructor(sink?: (text: string) => void) {
    this.#sink = sink;
  }

  get lines(): number {
    return this.#lines;
  }

  add(now: number, who: string, what: string): void {
    this.#lines++;
    this.#text += `${now} ${who} ${what}\n`;
    if (this.#text.length > BLOCK) this.#flush();
  }

  /** In lower-case hex. Nothing may be added after. */
  digest(): string {
    this.#flush();
    return this.#hash.digest("hex");
  }

  #flush(): void {
    this.#hash.update(this.#text);
    this.#sink?.(this.#text);
    this.#text = "";
  }
}
