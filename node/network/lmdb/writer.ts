import { closeSync, openSync, statfsSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import type { RootDatabase } from "lmdb";

/** Bytes that a commit may take: for itself, and for each put or removal, which may copy a page in each of several tables. */
const BASE = 1 << 20;
const EACH = 16 << 10;
const PAGE = Buffer.alloc(4096);

/** What LMDB rejects with: the error that says why comes by itself. */
interface CommitFailure extends Error {
  readonly commitError?: Promise<never>;
}

/**
 * Commits to an LMDB file, but only where the disk takes it. LMDB for Node (3.5.6) spoils its memory
 * where a write fails: the text that it makes then is longer than the 100 bytes that it has for it
 * (mdb.c, mdb_page_flush), and the process dies then or later.
 */
export class Writer {
  readonly #path: string;
  #root: RootDatabase | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  open(root: RootDatabase): void {
    this.#root = root;
  }

  /**
   * Does all that `work` puts and removes, in tables of any name, in one transaction: when this
   * resolves it is durable. Rejects with what the disk said; then nothing of it is there. `writes`:
   * how many they are, about.
   */
  async commit(writes: number, work: () => void): Promise<void> {
    this.tryDisk(writes);
    try {
      await this.#root?.batch(work);
    } catch (error) {
      await (error as CommitFailure).commitError;
      throw error;
    }
  }

  /** Throws where the disk has no room for so many writes, or takes none. */
  tryDisk(writes: number): void {
    const { bavail, bsize } = statfsSync(dirname(this.#path));
    const free = bavail * bsize;
    if (free < BASE + EACH * writes)
      throw new Error(`ENOSPC: the disk of ${this.#path} has ${Math.floor(free / 1e6)} MB left`);
    const file = openSync(`${this.#path}.try`, "w");
    try {
      writeSync(file, PAGE);
    } finally {
      closeSync(file);
    }
  }
}
