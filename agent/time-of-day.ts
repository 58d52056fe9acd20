/** Unix milliseconds. No firmware of this source was built before 2026-01-01; a build says more exactly when it was. */
export const EARLIEST = 1_767_225_600_000;

/** How long after its build a firmware believes a clock: 20 years, in milliseconds. */
const SPAN = 20 * 365.25 * 86_400_000;

/** Whether `unix` (milliseconds) can be the time of day for a firmware that was built at `earliest`. */
export function isPlausible(unix: number, earliest: number): boolean {
  return unix >= earliest && unix < earliest + SPAN;
}

/** When the firmware was built, of its configuration: `built`, in Unix seconds, which the build sets. */
export function earliestOf(config: object): number {
  const built = 1000 * Number((config as { readonly built?: unknown }).built);
  return built > EARLIEST ? built : EARLIEST;
}
