import { OperationError } from "../events.js";
import type { AppDescription } from "./app-image.js";

/** `0.2.0`, `v1.2`, `1.0.0-rc.2+build`: semver.org, with or without its third number. */
const FORM = /^v?(\d{1,9})\.(\d{1,9})(?:\.(\d{1,9}))?(?:-([\w.-]+))?(?:\+.*)?$/;

interface Release {
  readonly numbers: readonly number[];
  /** Of what comes before the release; empty for that itself. */
  readonly before: readonly string[];
}

/** Whether release `a` is older than `b`; undefined where one of them is no release's name. */
export function isOlder(a: string, b: string): boolean | undefined {
  const [one, other] = [releaseOf(a), releaseOf(b)];
  return one && other && order(one, other) < 0;
}

/**
 * Throws OperationError `downgrade` where the board has a newer release of the same application than the one that is to be written: its faults may
 * be known by now, and somebody may want them back. `onBoard`: of all its slots, since any of them may be the one that starts.
 */
export function refuseOlder(app: AppDescription | undefined, onBoard: readonly AppDescription[]): void {
  const newer = onBoard.find(
    ({ project, version }) =>
      app !== undefined && project === app.project && isOlder(app.version, version) === true,
  );
  if (newer === undefined) return;
  throw new OperationError(
    "flash",
    "downgrade",
    `this board has release ${newer.version}, and the bundle's is older: ${app?.version}`,
    "Nothing was written. An older release may have faults that are mended since. If you want it all the same: --downgrade",
  );
}

function releaseOf(text: string): Release | undefined {
  const [found, major, minor, patch = "0", before] = FORM.exec(text) ?? [];
  if (found === undefined) return undefined;
  return { numbers: [major, minor, patch].map(Number), before: before?.split(".") ?? [] };
}

function order(a: Release, b: Release): number {
  const at = a.numbers.findIndex((number, i) => number !== b.numbers[i]);
  if (at >= 0) return (a.numbers[at] as number) - (b.numbers[at] as number);
  if (a.before.length === 0 || b.before.length === 0) return b.before.length - a.before.length;
  for (let i = 0; i < Math.min(a.before.length, b.before.length); i++) {
    const difference = orderOfPart(a.before[i] as string, b.before[i] as string);
    if (difference !== 0) return difference;
  }
  return a.before.length - b.before.length;
}

/** Numbers come before words. */
function orderOfPart(a: string, b: string): number {
  const [isNumber, isOther] = [/^\d+$/.test(a), /^\d+$/.test(b)];
  if (isNumber && isOther) return Number(a) - Number(b);
  if (isNumber !== isOther) return isNumber ? -1 : 1;
  return a < b ? -1 : a > b ? 1 : 0;
}
