import type { BoardLedger } from "../ledger.js";
import type { Observer } from "../observer.js";
import type { Fault } from "../plan.js";
import type { World } from "../world.js";

/** What an oracle may look at, and where it speaks. */
export interface OracleContext {
  readonly world: World;
  /** By the boards' numbers; those of boards that are left out stay empty. */
  readonly ledgers: readonly BoardLedger[];
  readonly faults: readonly Fault[];
  /** Milliseconds of the run at which the last fault is over; 0 where there is none. */
  readonly calmFrom: number;
  readonly interval: number;
  /** Milliseconds for which frames wait for a broker that is away. */
  readonly absent: number;
  readonly now: () => number;
  /** The number of the board that a kid (in hex) belongs to; undefined where it is none of the boards. */
  readonly boardOf: (kid: string) => number | undefined;
  /** The run has failed. `board`: whom it is about, if anybody in particular. */
  readonly fail: (oracle: string, board: number | undefined, message: string) => void;
}

/** Watches for one thing that must never happen. */
export interface Oracle extends Partial<Observer> {
  readonly name: string;
  /** Once in a virtual minute. */
  tick?(): void;
  /** All is quiet, and over. */
  finish?(): void;
}

/** How frames are called in messages. */
export const frameName = (board: number, { boot, sequence }: { boot: number; sequence: number }) =>
  `frame ${boot}/${sequence} of board-${board}`;

/** Milliseconds of a run as people read them. */
export function timeText(milliseconds: number): string {
  const seconds = milliseconds / 1000;
  const part = (value: number) => String(Math.floor(value)).padStart(2, "0");
  return `${part(seconds / 3600)}:${part((seconds / 60) % 60)}:${part(seconds % 60)}.${String(Math.floor(milliseconds) % 1000).padStart(3, "0")}`;
}
