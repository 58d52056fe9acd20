import type { BoardCounts, RootCounts } from "./process.js";

/** Bytes of a slot and of a table entry on a 32-bit board; a stack entry is a slot. */
const SLOT = 16;
const ENTRY = 4;

/** What a count is over all boards: the median of them, and the largest. */
export interface Spread {
  readonly median: number;
  readonly max: number;
}

export interface FleetMemory {
  readonly boards: number;
  readonly slots: { readonly limit: number; readonly used: Spread; readonly peak: Spread };
  readonly chunkBytes: { readonly limit: number; readonly used: Spread; readonly peak: Spread };
  readonly stackSlots: { readonly limit: number; readonly peak: Spread };
  readonly collections: Spread;
  /** All of a board's RAM as on a 32-bit board: see `boardBytes`. */
  readonly boardBytes: Spread;
  /** What the kernel says that all xs-host processes have in memory, in bytes, and that for each board. */
  readonly residentBytes: number;
  readonly residentBytesPerBoard: number;
  /** The root machine, which stands for flash, as on a 32-bit board. */
  readonly flashBytes: number;
}

/**
 * RAM of a board as on a 32-bit board, in bytes: what lived at the fullest collection, the deepest stack, and the tables that a
 * clone has of its own (aliases of what is in flash, names made at run time, the two hash tables of names and symbols).
 */
export function boardBytes(counts: BoardCounts): number {
  const { slotsLivePeak, slotsUsed, chunksLivePeak, chunksUsed, stackPeak } = counts;
  const tables = ENTRY * (counts.aliases + counts.keys + counts.nameModulo + counts.symbolModulo);
  return (
    SLOT * (Math.max(slotsLivePeak, slotsUsed) + stackPeak) + Math.max(chunksLivePeak, chunksUsed) + tables
  );
}

export function summarize(
  all: readonly BoardCounts[],
  flash: RootCounts,
  residentBytes: number,
): FleetMemory {
  const spread = (of: (counts: BoardCounts) => number): Spread => {
    const values = all.map(of).sort((a, b) => a - b);
    return { median: values[values.length >> 1] ?? 0, max: values.at(-1) ?? 0 };
  };
  const limits = all[0];
  return {
    boards: all.length,
    slots: {
      limit: limits?.slots ?? 0,
      used: spread(({ slotsUsed }) => slotsUsed),
      peak: spread(({ slotsPeak }) => slotsPeak),
    },
    chunkBytes: {
      limit: limits?.chunks ?? 0,
      used: spread(({ chunksUsed }) => chunksUsed),
      peak: spread(({ chunksLivePeak, chunksUsed }) => Math.max(chunksLivePeak, chunksUsed)),
    },
    stackSlots: { limit: limits?.stack ?? 0, peak: spread(({ stackPeak }) => stackPeak) },
    collections: spread(({ collections }) => collections),
    boardBytes: spread(boardBytes),
    residentBytes,
    residentBytesPerBoard: all.length === 0 ? 0 : Math.round(residentBytes / all.length),
    flashBytes:
      SLOT * flash.slots + flash.chunkBytes32 + ENTRY * (flash.keys + flash.nameModulo + flash.symbolModulo),
  };
}
