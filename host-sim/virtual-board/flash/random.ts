/** Gives whole numbers from 0 to 2^32 - 1. */
export type Random32 = () => number;

/** xorshift32 (Marsaglia, "Xorshift RNGs", 2003): the same numbers for the same seed anywhere. For tests, not for keys. */
export function createRandom32(seed: number): Random32 {
  let state = Math.imul(seed ^ 0x5bd1e995, 0x9e3779b1) >>> 0 || 1;
  const next = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state;
  };
  for (let i = 0; i < 8; i++) next(); // seeds beside each other begin alike
  return next;
}

/** From 0 to `count` - 1; good enough for a `count` far below 2^32. */
export function below(random: Random32, count: number): number {
  return random() % count;
}
