/** One measured figure, beside what it is to be compared with. */
export interface Figure {
  readonly name: string;
  /** Left out where it could not be measured; `note` then says why. */
  readonly value?: number;
  readonly unit: string;
  readonly reference?: { readonly name: string; readonly value: number; readonly unit: string };
  /** `value` over the reference's. */
  readonly ratio?: number;
  readonly goal?: { readonly text: string; readonly met: boolean };
  readonly note?: string;
}

/** A part of the benchmark that can be run by its name. */
export interface Section {
  readonly name: string;
  run(): Promise<Figure[]>;
}

/** Measures once, for a moment (many short turns even out a busy machine); gives operations per second. */
export type Measure = () => number | Promise<number>;

export interface CompareOptions {
  /** Counted rounds; there is one more before them, to warm up. */
  readonly rounds: number;
}

/**
 * The median rate of each contender. They take turns in every round, forwards and backwards, so that whatever
 * else the machine does meanwhile hits all of them.
 */
export async function compare<Name extends string>(
  contenders: Readonly<Record<Name, Measure>>,
  { rounds }: CompareOptions,
): Promise<Record<Name, number>> {
  const names = Object.keys(contenders) as Name[];
  const rates = new Map<Name, number[]>(names.map((name) => [name, []]));
  for (let round = 0; round <= rounds; round++) {
    const order = round % 2 === 0 ? names : [...names].reverse();
    for (const name of order) {
      const rate = await contenders[name]();
      if (round > 0) rates.get(name)?.push(rate);
    }
  }
  return Object.fromEntries(names.map((name) => [name, median(rates.get(name) ?? [])])) as Record<
    Name,
    number
  >;
}

/** Calls `operation` with 0, 1, 2 … for `milliseconds`; gives calls per second. `now` is in milliseconds. */
export function rateOf(
  operation: (index: number) => void,
  milliseconds: number,
  now: () => number = () => performance.now(),
): number {
  const start = now();
  let count = 0;
  let elapsed = 0;
  while (elapsed < milliseconds) {
    for (let i = 0; i < BATCH; i++) operation(count++);
    elapsed = now() - start;
  }
  return (count * 1000) / elapsed;
}

/** Calls between two looks at the clock. */
const BATCH = 16;

export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError("no values, no median");
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] as number;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] as number) + upper) / 2;
}

/** A figure beside its reference. `atLeast`: the ratio that is the goal. */
export function against(
  figure: { readonly name: string; readonly value: number; readonly unit: string },
  reference: NonNullable<Figure["reference"]>,
  atLeast?: number,
): Figure {
  const ratio = figure.value / reference.value;
  if (atLeast === undefined) return { ...figure, reference, ratio };
  return { ...figure, reference, ratio, goal: { text: `at least ${atLeast}`, met: ratio >= atLeast } };
}
