/**
 * `read`, with what it gave kept for `fresh` milliseconds: boards that sample at the same moment read a file once. Where it
 * throws nothing is kept. `now`: milliseconds, never going back.
 */
export function shared<T>(read: () => T, fresh: number, now: () => number): () => T {
  let kept: { readonly value: T; readonly at: number } | undefined;
  return () => {
    const at = now();
    if (kept === undefined || at - kept.at >= fresh) {
      kept = undefined;
      kept = { value: read(), at };
    }
    return kept.value;
  };
}
