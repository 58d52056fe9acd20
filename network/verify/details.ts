/** What is said of frames beside their verdicts. */
export const DETAILS = {
  duplicate: "the same frame came before",
  equivocation: "the device signed other bytes for the same boot and sequence",
  late: "older than what is remembered of the device",
} as const;

/** Of `broken-chain`. */
export const GAP = "does not continue the frame before it, and no loss is declared";
export const FORK =
  "follows an earlier frame than the one before it, or none: the chain forks, whatever losses are declared";
