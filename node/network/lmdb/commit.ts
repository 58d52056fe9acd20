import type { Database } from "lmdb";

/** What LMDB rejects with: the error that says why comes by itself. */
interface CommitFailure extends Error {
  readonly commitError?: Promise<never>;
}

/**
 * Does all that `work` puts and removes in one transaction, in tables of any name: when this
 * resolves it is durable. Rejects with what the disk said; then nothing of it is there.
 */
export async function commit(db: Database<Buffer, Buffer>, work: () => void): Promise<void> {
  try {
    await db.batch(work);
  } catch (error) {
    await (error as CommitFailure).commitError;
    throw error;
  }
}
