/** Messages to rv32-parts.ts: what its board is to do. */
export const PartKind = {
  nothing: 0,
  /** Opens the journal that is in flash, or begins one. */
  open: 1,
  /** id: so many frames. */
  append: 2,
  encode: 3,
  hash: 4,
  sign: 5,
  /** All that one receipt of a witness costs, but for finding its frames. */
  receipt: 6,
  /** Of that the signature alone. */
  verify: 7,
} as const;

/** One frame of four readings, about. */
export const FRAME_BYTES = 240;
export const SHAPE = { size: 64 * 1024, sectorBytes: 4096, programBytes: 4 };
