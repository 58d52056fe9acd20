import { test } from "@jest/globals";

/**
 * Says what this machine cannot run, and why: one test in place of those that are left out. The
 * reporter (reporter.js) lists them at the end by this title.
 */
export function notRun(name: string, reason: string): void {
  test(`${name}: not run: ${reason}`, () => {});
}
