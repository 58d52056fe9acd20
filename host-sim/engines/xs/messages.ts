/**
 * What a board on XS and its host in Node say to each other, inside xs-host's frames: a kind, a number (`id`), and bytes.
 * Numbers inside the bytes are little-endian.
 */

/** Node to board. */
export const ToBoard = {
  start: 1,
  finish: 2,
  /** id: timer. */
  timerFired: 3,
  /** id: link. */
  linkOpened: 4,
  /** id: publication; bytes: link. */
  linkAcknowledged: 5,
  /** id: link; bytes: reason. */
  linkClosed: 6,
  /** id: sensor; bytes: a double for each channel, NaN for one that is missing. Comes before a timer that may sample. */
  sample: 7,
  /** id: sensor; bytes: reason. */
  sampleFailed: 8,
  /** id: publication; bytes: link, reason. */
  linkRefused: 9,
} as const;

/** Board to Node. */
export const FromBoard = {
  /** id: timer; bytes: milliseconds, a double. */
  timerSet: 1,
  /** id: timer. */
  timerClear: 2,
  /** id: link. */
  linkOpen: 3,
  /** id: the number that a topic has from now on; bytes: the topic. */
  topic: 4,
  /** id: publication; bytes: link and twice the topic's number, one more if retained, as doubles; payload. */
  linkPublish: 5,
  /** id: link. */
  linkClose: 6,
  /** id: key; bytes: value. */
  storeSet: 7,
  /** id: key. */
  storeDelete: 8,
  /** id: sequence; bytes: boot, bytes, readings, as doubles. */
  signed: 9,
  /** id: sequence; bytes: boot, a double. */
  acknowledged: 10,
  /** id: sensor; bytes: reason. */
  sensorFailed: 11,
  /** bytes: reason. */
  storageFailed: 12,
  /** bytes: the link's name. */
  linkOpened: 13,
  /** id: 1 where it had been open; bytes: the length of the link's name, a double; name; reason. */
  linkClosed: 14,
  /** id: the number that a key of the store has from now on; bytes: the key. */
  storeKey: 15,
  /** id: frames that wait; bytes: the bytes read, a double. */
  recovered: 16,
  /** id: sector; bytes: reason. */
  sectorFailed: 17,
} as const;

/**
 * What a board whose flash and store are remote asks of Node, by synchronous calls: these, and `storeSet` and `storeDelete` as above,
 * which answer nothing.
 */
export const BoardCall = {
  /** id: address; bytes: length, a double. Answers the bytes there. */
  flashRead: 32,
  /** id: address; bytes: data. */
  flashProgram: 33,
  /** id: address. */
  flashErase: 34,
} as const;
