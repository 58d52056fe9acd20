/** In place of `@jest/globals` where the SDK builds a conformance suite: what those of a clock and of a flash use of it, and no more. */
type Body = () => unknown;

const cases: { readonly name: string; readonly body: Body }[] = [];
let suite = "";

export function describe(name: string, body: () => void): void {
  suite = name;
  body();
}

export function test(name: string, body: Body): void {
  cases.push({ name: `${suite} > ${name}`, body });
}

/** Runs the cases one after another; `say` gets each one's name, and what it threw, or an empty text. */
export async function runCases(say: (name: string, failure: string) => void): Promise<void> {
  for (const { name, body } of cases)
    try {
      await body();
      say(name, "");
    } catch (error) {
      say(name, String(error));
    }
}

class Expectation {
  readonly #found: unknown;

  constructor(found: unknown) {
    this.#found = found;
  }

  toBe(wanted: unknown): void {
    this.must(Object.is(this.#found, wanted), "be", wanted);
  }

  toEqual(wanted: unknown): void {
    this.must(isEqual(this.#found, wanted), "equal", wanted);
  }

  toBeGreaterThan(least: number): void {
    this.must((this.#found as number) > least, "be greater than", least);
  }

  toBeGreaterThanOrEqual(least: number): void {
    this.must((this.#found as number) >= least, "be at least", least);
  }

  toBeLessThan(most: number): void {
    this.must((this.#found as number) < most, "be less than", most);
  }

  toBeLessThanOrEqual(most: number): void {
    this.must((this.#found as number) <= most, "be at most", most);
  }

  toContain(wanted: unknown): void {
    this.must((this.#found as readonly unknown[]).includes(wanted), "contain", wanted);
  }

  toHaveLength(wanted: number): void {
    this.must((this.#found as readonly unknown[]).length === wanted, "have the length", wanted);
  }

  toThrow(wanted: RegExp | (new (...values: never[]) => Error)): void {
    let thrown: unknown;
    try {
      (this.#found as () => void)();
    } catch (error) {
      thrown = error;
    }
    const isWanted =
      wanted instanceof RegExp
        ? thrown instanceof Error && wanted.test(thrown.message)
        : thrown instanceof wanted;
    this.must(isWanted, `throw (it threw ${String(thrown)})`, wanted);
  }

  private must(holds: boolean, relation: string, wanted: unknown): void {
    if (!holds) throw new Error(`${String(this.#found)} should ${relation} ${String(wanted)}`);
  }
}

export function expect(found: unknown): Expectation {
  return new Expectation(found);
}

/** Numbers, and lists of what is equal. */
function isEqual(a: unknown, b: unknown): boolean {
  if (typeof a !== "object" || typeof b !== "object") return Object.is(a, b);
  const [one, other] = [a, b] as [ArrayLike<unknown>, ArrayLike<unknown>];
  if (one.length !== other.length) return false;
  for (let i = 0; i < one.length; i++) if (!isEqual(one[i], other[i])) return false;
  return true;
}
