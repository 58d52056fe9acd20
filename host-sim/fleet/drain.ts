/** Milliseconds between two looks. */
const LOOK = 20;

export interface Draining {
  /** Nothing is under way any more. */
  readonly isSettled: () => boolean;
  /** Grows as frames arrive. */
  readonly arrived: () => number;
  /** Milliseconds. */
  readonly now: () => number;
  readonly sleep: (milliseconds: number) => Promise<unknown>;
}

/**
 * Waits until nothing is under way, or nothing has arrived for `limit` milliseconds: on a busy
 * machine frames are late, but they come.
 */
export async function drain({ isSettled, arrived, now, sleep }: Draining, limit: number): Promise<void> {
  let last = arrived();
  for (let end = now() + limit; now() < end && !isSettled(); await sleep(LOOK)) {
    if (arrived() !== last) end = now() + limit;
    last = arrived();
  }
}
