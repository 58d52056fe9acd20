/**
 * What is compiled into every board (`config` of manifests/base/manifest.json), as far as simulated
 * boards have it.
 */
export const SHIPPED = {
  readings: 4,
  age: 30_000,
  copies: 2,
  window: 16,
  order: "oldest",
  absent: 10_000,
  timeout: 4000,
  backoff: { min: 500, max: 60_000 },
} as const;
