/**
 * What a board on XS in virtual time and its host in Node say beyond
 * host-sim/engines/xs/messages.ts: all that a port may be asked for comes by a call, at the moment
 * at which the agent asks.
 */

/** Calls; numbers in bytes are little-endian doubles. */
export const VirtualCall = {
  /** id: sensor. Answers a double for each channel, NaN for one that is missing; nothing for a sample that is none. */
  sample: 64,
  /** Answers the clock's state and Unix time in milliseconds. */
  wall: 65,
  /** id: how many bytes it answers. */
  random: 66,
  /** bytes: digest, 32 bytes, then what it is of. The board signs when this returns. */
  sign: 67,
} as const;

/** Board to Node. */
export const FromVirtual = {
  /** id: the boot number that was taken. */
  booted: 68,
} as const;
