/**
 * All keys that a board's values are kept under: what an erased board has forgotten, and what a
 * board on an emulated chip is given as it starts. A key never gets another meaning: boards in the
 * field have values under it.
 */
export const STORE_KEYS = Object.freeze([
  "boot",
  "settings",
  "settings-new",
  "trial",
  "worked",
  "name",
  "hostname",
  "owner",
  "command",
  "outcome",
  "order-on-trial",
  "resets",
  "erase",
  "wire",
] as const);

export type StoreKey = (typeof STORE_KEYS)[number];
