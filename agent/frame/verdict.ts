/** What a judge says of one frame. The exact strings stand in the command line's output, metrics and evidence. */
export const VERDICTS = [
  "ok",
  "duplicate", // the same bytes again: harmless
  "malformed", // not a frame
  "non-canonical", // a frame's content, but not in its one encoding
  "wrong-network",
  "unknown-device",
  "high-s", // s above half the group order: the malleable twin of a signature
  "bad-signature",
  "equivocation", // the same boot and sequence with other bytes
  "broken-chain", // does not continue the device's last frame, and the gap is not declared
  "late", // older than the judge still remembers, so that it cannot tell a duplicate from an equivocation
  "future", // dated after the judge's own clock
  "clock-jump", // within a boot its uptime falls, or its time of day moves against it though its clock was not set
  "unknown-configuration", // of a boot whose sensors were not configured as they are enrolled
  "out-of-range", // a reading of a name, unit, value or date that the device is not enrolled for
] as const;

export type Verdict = (typeof VERDICTS)[number];
