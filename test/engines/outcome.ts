/** How a run of a test file went: each case's full name and "passed", "failed: ..." or why it did not end; in order. */
export type Outcomes = readonly (readonly [name: string, outcome: string])[];

/** One engine's board with a test file in it. */
export class Listener {
  names: readonly string[] = [];
  readonly #outcomes = new Map<number, string>();
  #isStarted = false;

  /** What a board sends, from inside/run.ts: first all names, then a case's name and outcome. */
  sent(id: number, bytes: Uint8Array): void {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString("latin1"));
    if (!this.#isStarted) {
      this.names = value as string[];
      this.#isStarted = true;
    } else this.#outcomes.set(id, (value as [string, string])[1]);
  }

  /** `silence`: what became of a case that told nothing. */
  outcomes(silence: string): Outcomes {
    if (!this.#isStarted) return [["(the file itself)", silence]];
    return this.names.map((name, id) => [name, this.#outcomes.get(id) ?? silence]);
  }
}

/** One line for each case that failed or went otherwise on the other engine. */
export function differences(v8: Outcomes, xs: Outcomes): string[] {
  const lines: string[] = [];
  for (let i = 0; i < Math.max(v8.length, xs.length); i++) {
    const [onV8, onXs] = [v8[i] ?? ["(none)", "(none)"], xs[i] ?? ["(none)", "(none)"]];
    if (onV8[0] !== onXs[0])
      return [...lines, `case ${i}\n  V8: ${onV8.join(": ")}\n  XS: ${onXs.join(": ")}`];
    if (onV8[1] !== onXs[1]) lines.push(`${onV8[0]}\n  V8: ${onV8[1]}\n  XS: ${onXs[1]}`);
    else if (onV8[1] !== "passed") lines.push(`${onV8[0]}\n  both: ${onV8[1]}`);
  }
  return lines;
}
