import { BOARD_SABOTAGES } from "./on-boards.js";
import { JOURNAL_SABOTAGES } from "./on-journals.js";
import { VERIFIER_SABOTAGES } from "./on-verifiers.js";
import { WORD_SABOTAGES } from "./on-words.js";
import type { Sabotage } from "./sabotage.js";

const ON_BOARDS = { ...BOARD_SABOTAGES, ...JOURNAL_SABOTAGES, ...WORD_SABOTAGES };

/** All sabotages, by the names that `--sabotage` takes. */
export const SABOTAGES = { ...ON_BOARDS, ...VERIFIER_SABOTAGES };

export type SabotageName = keyof typeof SABOTAGES;

export const SABOTAGE_NAMES = Object.keys(SABOTAGES) as readonly SabotageName[];

export function isSabotage(name: string): name is SabotageName {
  return Object.hasOwn(SABOTAGES, name);
}

/** Whether it is made in the agent's own code, of which boards on XS have another copy. */
export function changesAgent(name: SabotageName): boolean {
  return name in ON_BOARDS && "install" in SABOTAGES[name] && !("meddle" in SABOTAGES[name]);
}

/** Without a name: nothing is broken. */
export function sabotageOf(name: SabotageName | undefined): Partial<Sabotage> {
  return name === undefined ? {} : SABOTAGES[name];
}
