import { decodeText } from "../../text/decode.js";
import { parseJson } from "../../text/json-text.js";

/** Bytes of a status that are read; a board's has some 300. */
const MOST = 4096;
/** No counter of a board's is higher (docs/protocol.md). */
const HIGHEST = 0xffff_ffff;

/** What a board says of its frames. Not signed: a hint, evidence of nothing. */
export interface BoardStatus {
  readonly boot: number;
  readonly uptime: number;
  readonly queue: number;
  readonly oldest: number;
  readonly dropped: number;
}

/** Undefined: not a status of a board that is there, or somebody's rubbish. Never throws. */
export function readStatus(bytes: Uint8Array): BoardStatus | undefined {
  if (bytes.length > MOST) return undefined;
  let value: unknown;
  try {
    value = parseJson(decodeText(bytes));
  } catch {
    return undefined;
  }
  if (typeof value !== "object" || value === null || !("state" in value) || value.state !== "online")
    return undefined;
  const { boot, uptime, queue, oldest, dropped } = value as Partial<Record<string, unknown>>;
  if (!isCount(boot) || !isCount(queue) || !isCount(dropped) || !isTime(uptime) || !isTime(oldest))
    return undefined;
  return { boot, uptime, queue, oldest, dropped };
}

function isCount(value: unknown): value is number {
  return Number.isInteger(value) && isTime(value);
}

function isTime(value: unknown): value is number {
  return typeof value === "number" && value >= 0 && value <= HIGHEST;
}
