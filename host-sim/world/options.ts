import type { VirtualEngine } from "./engine.js";
import type { FaultKindName } from "./faults/kinds.js";
import type { Fault } from "./plan.js";
import type { SabotageName } from "./sabotage/all.js";

/** Whose word lets a frame leave its board: as in agent/settings. */
export type Keep = "brokers" | "witnesses";

/** One run. The same options give the same run, byte for byte, whatever the engine. */
export interface RunOptions {
  readonly seed: number;
  readonly devices: number;
  /** What boards run on; left out, this process. */
  readonly engine?: VirtualEngine | undefined;
  readonly brokers: number;
  /** Milliseconds from the start within which faults begin and end. */
  readonly duration: number;
  /** Milliseconds from one sample to the next. */
  readonly interval: number;
  readonly kinds: readonly FaultKindName[];
  /** Left out, "brokers". */
  readonly keep?: Keep | undefined;
  readonly sabotage?: SabotageName | undefined;
  /** Oracles that watch, by their names; left out, all. */
  readonly oracles?: readonly string[] | undefined;
  /** Instead of the plan that the seed makes. */
  readonly plan?: readonly Fault[] | undefined;
  /** Of the plan, those of these numbers only. */
  readonly only?: readonly number[] | undefined;
  /** Of the boards, those of these numbers only. What befalls the others is left out. */
  readonly boards?: readonly number[] | undefined;
  /** Milliseconds: faults that begin later are left out, and the run is over so much sooner. */
  readonly until?: number | undefined;
}

/** What an oracle said. */
export interface Failure {
  readonly oracle: string;
  readonly message: string;
  /** Milliseconds of the run. */
  readonly at: number;
  readonly board: string | null;
}
