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

export const FAULT_NAMES = Object.keys(FAULT_KINDS) as readonly FaultKindName[];

export function isFaultKind(name: string): name is FaultKindName {
  return Object.hasOwn(FAULT_KINDS, name);
}
