import { readUtf8 } from "../agent/cbor/utf8.js";
import { type CborKey, type CborValue, decodeCbor, encodeCbor } from "../agent/cbor/value.js";
import { CborWriter } from "../agent/cbor/writer.js";
import type { BrokerReport } from "../agent/uplink/uplink.js";
import { BoardError } from "./board-error.js";

/** More than a request may have. */
const REQUEST_BYTES = 65_536;

/** How the configured brokers take a board, and how many of them it wants. */
export interface UplinkReport {
  readonly copies: number;
  readonly links: readonly BrokerReport[];
}

/** What `journal` answers of the brokers. */
export function uplinkOf(answer: Map<CborKey, CborValue>): { readonly uplink?: UplinkReport } {
  const links = answer.get("links");
  if (links === undefined) return {};
  if (!Array.isArray(links)) throw unreadable();
  const uplink = {
    copies: number(answer.get("copies")),
    links: links.map((link) => {
      if (!Array.isArray(link)) throw unreadable();
      const [name, standing, reason] = link;
      return { name: String(name), standing: number(standing), reason: String(reason) };
    }),
  };
  return { uplink };
}

export function unreadable(): BoardError {
  return new BoardError("failed", "the board's answer is not what this tool understands");
}

export function encoded(value: CborValue): Uint8Array {
  const writer = new CborWriter(new Uint8Array(REQUEST_BYTES));
  try {
    encodeCbor(value, writer);
  } catch {
    throw new BoardError("refused", "this is more than a board takes, or not what it takes");
  }
  return writer.buffer.slice(0, writer.offset);
}

export function readAnswer(bytes: Uint8Array): { readonly code: number; readonly value: CborValue } {
  let answer: CborValue;
  try {
    answer = decodeCbor(bytes);
  } catch {
    throw unreadable();
  }
  if (!Array.isArray(answer) || answer.length !== 2 || typeof answer[0] !== "number") throw unreadable();
  return { code: answer[0], value: answer[1] as CborValue };
}

export function number(value: CborValue | undefined): number {
  if (typeof value !== "number") throw unreadable();
  return value;
}

export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** What is not UTF-8 shows as nothing. */
export function text(bytes: Uint8Array = new Uint8Array(0)): string {
  return readUtf8(bytes, 0, bytes.length) ?? "";
}

export function utf8(value: string): Uint8Array {
  return new TextEncoder().encode(value);
}
