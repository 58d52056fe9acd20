import { PowerCut } from "../engines/power-cut.js";

/** From power-on to the next cut or reset. What a board does after that did not happen. */
export class Life {
  #isOn = true;
  readonly #lost: (reason: string) => void;
  readonly #crashed: (error: unknown) => void;

  /** `lost`: told once, when the power goes from inside the board. `crashed`: an exception that nobody caught. */
  constructor(lost: (reason: string) => void, crashed: (error: unknown) => void) {
    this.#lost = lost;
    this.#crashed = crashed;
  }

  get isOn(): boolean {
    return this.#isOn;
  }

  end(): void {
    this.#isOn = false;
  }

  /** Throws PowerCut where there is no power. */
  check(): void {
    if (!this.#isOn) throw new PowerCut();
  }

  /** The power goes in the middle of what the board does. */
  cut(where: string): never {
    if (this.#isOn) {
      this.#isOn = false;
      this.#lost(where);
    }
    throw new PowerCut();
  }

  /** Runs a piece of the board's program, unless it has no power. */
  turn(work: () => void): void {
    if (!this.#isOn) return;
    try {
      work();
    } catch (error) {
      if (this.#isOn) this.#crashed(error);
    }
  }
}
