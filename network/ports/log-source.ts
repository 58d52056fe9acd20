/**
 * Fetches a file of somebody else's log by its path below the log's prefix. Undefined where the log
 * does not have it. Rejects where it cannot be had now, or has more than `limit` bytes: no more than
 * that may be read. Must end within a time.
 */
export type FetchLogFile = (path: string, limit: number) => Promise<Uint8Array | undefined>;
