import type { ResetCounts, ResetReason } from "./resets.js";

/** Why and how often this device started. */
export interface StartReport {
  readonly boot: number;
  readonly reset: ResetReason;
  readonly resets: ResetCounts;
}

/** Where a device says whether it is there: retained, QoS 1, beside its frames' topic. */
export function statusTopic(network: string, device: string): string {
  return `fieldmark/1/${network}/${device}/status`;
}

/** What a broker keeps for whoever asks later. It is not signed: a hint for operators, evidence of nothing. */
export function onlineStatus(report: StartReport): string {
  return JSON.stringify({ state: "online", ...report });
}

/** What the broker says in the device's stead when the session ends (its last will). */
export const OFFLINE_STATUS = '{"state":"offline"}';
