import type { WitnessStore } from "../../network/ports/witness-store.js";

/** Milliseconds from one look to the next. */
const LOOK = 600_000;
const DAY = 86_400;

export interface RetentionParts {
  readonly store: Pick<WitnessStore, "bytes" | "firstDay" | "sweep">;
  /** Seconds that frames are kept, at least; bytes that the store may have. */
  readonly age?: number | undefined;
  readonly size?: number | undefined;
  /** Nothing dated from here on is removed, in Unix seconds: inventories still need it. */
  readonly needed: () => number;
  /** Removes what else is of days before `before`, in Unix seconds, and of no use without frames. */
  readonly forget: (before: number) => Promise<void>;
  readonly swept: (frames: number) => void;
  readonly failed: (error: Error) => void;
}

/** Removes the oldest days, by age and by size, whole days (UTC) at a time. Returns what ends it. */
export function retain(parts: RetentionParts): () => void {
  if (parts.age === undefined && parts.size === undefined) return () => {};
  let isBusy = false;
  const look = () => {
    if (isBusy) return;
    isBusy = true;
    sweep(parts)
      .catch(parts.failed)
      .finally(() => {
        isBusy = false;
      });
  };
  look();
  const timer = setInterval(look, LOOK);
  return () => clearInterval(timer);
}

export async function sweep({ store, age, size, needed, forget, swept }: RetentionParts): Promise<void> {
  const limit = needed();
  let removed = 0;
  const remove = async (time: number) => {
    const before = time - (time % DAY);
    removed += await store.sweep(before);
    await forget(before);
  };
  if (age !== undefined) await remove(Math.min(Date.now() / 1000 - age, limit));
  while (size !== undefined && store.bytes > size) {
    const first = store.firstDay();
    if (first === undefined || first + DAY > limit) break;
    const before = store.bytes;
    await remove(first + DAY);
    if (store.bytes >= before) break;
  }
  if (removed > 0) swept(removed);
}
