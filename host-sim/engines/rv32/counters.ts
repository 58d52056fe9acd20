/** Messages to the board that are the machine's own and not its script's (native/main.c). */
export const OwnKind = {
  /** The board takes the time from its own clock from the next message on. */
  clock: 254,
  /** Asks for counters; the answer has the same kind. */
  counters: 255,
} as const;

/** What instructions were for, in native/host.h's order. Each is counted once: a signature's are not the script's. */
export const WORKS = ["idle", "script", "sign", "hash", "flash", "serial", "collect"] as const;
/** Bytes, in native/counters.c's order. */
const MEMORY = ["ram", "stack", "stackPeak", "heap", "heapUsed", "heapPeak", "machine"] as const;

export type Counters = Readonly<Record<(typeof WORKS)[number] | (typeof MEMORY)[number], number>>;

/**
 * `idle` waits for a message, `serial` is what messages take on the line: neither is the board's own work. `stack`: of C. `heap`: what
 * is left of RAM beside stack and variables.
 */
export function readCounters(bytes: Buffer): Counters {
  const entries = [...WORKS, ...MEMORY].map((name, at) => [name, bytes.readDoubleLE(8 * at)]);
  return Object.fromEntries(entries) as Counters;
}

/** A board's own instructions. */
export function workOf(counters: Counters): number {
  return counters.script + counters.sign + counters.hash + counters.flash + counters.collect;
}
