/** Years of which everybody reads the date (RFC 3339 §1): 0 to 9999. */
const LEAST = Date.parse("0000-01-01T00:00:00Z");
const MOST = Date.parse("9999-12-31T23:59:59.999Z");

/**
 * `2026-11-30T02:14:05Z` of Unix time in milliseconds; undefined of what is no date. Never throws,
 * whatever came from outside: `toISOString` does.
 */
export const dateText = (unix: number): string | undefined =>
  unix >= LEAST && unix <= MOST ? new Date(unix).toISOString().replace(".000Z", "Z") : undefined;
