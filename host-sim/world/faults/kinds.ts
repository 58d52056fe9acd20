import type { Keep } from "../options.js";
import { BOARD_FAULTS } from "./board.js";
import { BROKER_FAULTS } from "./broker.js";
import { CARRIER_FAULTS } from "./carrier.js";
import { VERIFIER_FAULTS } from "./verifier.js";

/** All kinds, by the names that `--faults` takes. */
export const FAULT_KINDS = {
  ...CARRIER_FAULTS,
  ...BROKER_FAULTS,
  ...BOARD_FAULTS,
  ...VERIFIER_FAULTS,
} as const;

export type FaultKindName = keyof typeof FAULT_KINDS;

/** What boards that take brokers' word cannot stand. */
const ALL_AT_ONCE: FaultKindName = "all-stores-lost";

const ALL_NAMES = Object.keys(FAULT_KINDS) as readonly FaultKindName[];
/** Those of a world that is told of none in particular. */
export const FAULT_NAMES = ALL_NAMES.filter((name) => name !== ALL_AT_ONCE);

/** Those of such a world, by whose word frames leave its boards. */
export function usualFaults(keep: Keep = "brokers"): readonly FaultKindName[] {
  return keep === "witnesses" ? ALL_NAMES : FAULT_NAMES;
}

export function isFaultKind(name: string): name is FaultKindName {
  return Object.hasOwn(FAULT_KINDS, name);
}
