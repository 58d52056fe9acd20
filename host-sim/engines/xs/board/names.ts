import { host } from "./host.js";
import { ascii } from "./text.js";

/** Texts that Node is told once, each by a number from then on. */
export class Names {
  readonly #known: string[] = [];
  readonly #kind: number;

  /** `kind`: of the message that tells one. */
  constructor(kind: number) {
    this.#kind = kind;
  }

  number(name: string): number {
    const known = this.#known.indexOf(name);
    if (known >= 0) return known;
    host.send(this.#kind, this.#known.length, ascii(name));
    return this.#known.push(name) - 1;
  }
}
