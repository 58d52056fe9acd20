import { Dice } from "./dice.js";
import type { FaultKind } from "./faults/kind.js";
import { FAULT_KINDS, type FaultKindName } from "./faults/kinds.js";

/** Something that goes wrong. Plain JSON: a plan can be written down, cut down and run again. */
export interface Fault {
  /** Milliseconds of the run, and how long. */
  readonly at: number;
  readonly for: number;
  readonly kind: FaultKindName;
  /** `board-3`, `broker-1`, `verifier`; or the way between two: `board-3/broker-1`, `verifier/broker-0`, `board-3/*`. */
  readonly whom: string;
  readonly how: Readonly<Record<string, number | string>>;
}

export interface PlanOptions {
  readonly seed: number;
  readonly devices: number;
  readonly brokers: number;
  /** Milliseconds within which all faults begin and end. */
  readonly duration: number;
  readonly kinds: readonly FaultKindName[];
}

const DAY = 86_400_000;
/** Nothing happens before, so that every board has begun. Milliseconds, but at most a tenth of the run. */
const GRACE = 120_000;

export const boardName = (board: number) => `board-${board}`;
export const brokerName = (broker: number) => `broker-${broker}`;

/** All that will go wrong in a run, in the order of time: a function of these options and nothing else. */
export function makePlan({ seed, devices, brokers, duration, kinds }: PlanOptions): Fault[] {
  const faults: Fault[] = [];
  for (const kind of kinds) {
    const { scope, perDay, make }: FaultKind = FAULT_KINDS[kind];
    // A way is a board's: as many as there are boards, and one more for the verifier.
    const targets = { board: devices, route: devices + 1, broker: brokers, verifier: 1 }[scope];
    const dice = new Dice(`plan ${seed} ${kind}`);
    const count = Math.max(1, Math.round((perDay * targets * duration) / DAY));
    for (let i = 0; i < count; i++) {
      const own = dice.fork(i);
      const begin = Math.min(GRACE, Math.floor(duration / 10));
      const at = own.between(begin, Math.max(begin, duration - begin));
      const { for: length, how } = make(own);
      const whom = {
        board: () => boardName(own.below(devices)),
        route: () => anyRoute(own, devices, brokers),
        broker: () => brokerName(own.below(brokers)),
        verifier: () => "verifier",
      }[scope]();
      faults.push({ at, for: Math.min(length, duration - at), kind, whom, how });
    }
  }
  return faults.sort((a, b) => a.at - b.at); // stable, so the same for the same kinds
}

/** One way in six is all of a board's at once: its radio. */
function anyRoute(dice: Dice, devices: number, brokers: number): string {
  const client = dice.chance(15) ? "verifier" : boardName(dice.below(devices));
  return `${client}/${dice.chance(17) ? "*" : brokerName(dice.below(brokers))}`;
}

/** Milliseconds that one boot of a brown-out lasts, at most. */
const BROWN_OUT = 35_000;

/** Milliseconds of the run at which a fault is over, the time without power after it included. */
export function endOf({ at, for: length, how }: Fault): number {
  return at + length + Number(how.off ?? 0) + Number(how.times ?? 0) * BROWN_OUT;
}

/** Whether a fault can be felt by a board: its own, on its ways, or of a broker. */
export function isOfBoard({ whom }: Fault, board: number): boolean {
  const name = boardName(board);
  return whom === name || whom.startsWith(`${name}/`) || whom.startsWith("broker-");
}

/** Numbers of the brokers that a fault keeps from whoever it befalls. */
export function brokersOf({ whom }: Fault, brokers: number): number[] {
  const name = whom.split("/").at(-1) as string;
  if (name === "*") return Array.from({ length: brokers }, (_, index) => index);
  return name.startsWith("broker-") ? [numberOf(name)] : [];
}

/** `board-3`: 3. */
export function numberOf(name: string): number {
  return Number(name.slice(name.indexOf("-") + 1));
}
