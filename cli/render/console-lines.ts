import { hex } from "../../agent/cose/kid.js";
import { parseFrame } from "../../agent/frame/parse.js";
import { describe, describeReadings, type JudgedReading } from "../../network/verify/judgement.js";
import { visible, visibleJson, visibleLine } from "../../text/visible.js";

/** One line of a board's console, by what it is. */
export type ConsoleLine =
  | { readonly type: "log"; readonly text: string }
  /** A line that is a JSON object. */
  | { readonly type: "event"; readonly event: Readonly<Record<string, unknown>> }
  | {
      readonly type: "frame";
      readonly kid: string;
      readonly boot: number;
      readonly sequence: number;
      readonly readings: readonly JudgedReading[];
    }
  | { readonly type: "improv"; readonly packet: string; readonly bytes: number };

/** Of a line; what is longer is shown in pieces. */
const MOST = 4096;
const LINE_FEED = 10;
/** Improv Serial: header, version, type, length. */
const IMPROV = "IMPROV";
const IMPROV_HEAD = 9;
const PACKETS: Readonly<Record<number, string>> = { 1: "state", 2: "error", 3: "command", 4: "result" };
/** SGR sequences, by which ESP-IDF colours its log. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is what they begin with
const COLOURS = /\u001b\[[0-9;]*m/g;

/** Parts what a board says into lines, packets and frames. */
export class ConsoleReader {
  readonly #line: (line: ConsoleLine) => void;
  #bytes: number[] = [];

  constructor(line: (line: ConsoleLine) => void) {
    this.#line = line;
  }

  received(data: Uint8Array): void {
    for (const byte of data) {
      const packet = this.#packetLength();
      // Inside of a packet a line feed is a byte like others.
      if (byte === LINE_FEED && (packet === 0 || this.#bytes.length >= packet)) this.end();
      else if (this.#bytes.push(byte) >= MOST) this.end();
    }
  }

  /** Shows what has not ended with a line feed. */
  end(): void {
    const bytes = Uint8Array.from(this.#bytes);
    this.#bytes = [];
    if (bytes.length > 0) this.#line(lineOf(bytes));
  }

  /** Of the packet that the line is; 0 where it is none, or not known yet. */
  #packetLength(): number {
    if (this.#bytes.length < IMPROV_HEAD || !isImprov(this.#bytes)) return 0;
    return IMPROV_HEAD + (this.#bytes[IMPROV_HEAD - 1] as number) + 1;
  }
}

const isImprov = (bytes: ArrayLike<number>) =>
  [...IMPROV].every((letter, i) => bytes[i] === letter.charCodeAt(0));

function lineOf(bytes: Uint8Array): ConsoleLine {
  if (bytes.length > IMPROV_HEAD && isImprov(bytes))
    return { type: "improv", packet: PACKETS[bytes[7] as number] ?? `type ${bytes[7]}`, bytes: bytes.length };
  const text = new TextDecoder().decode(bytes).replace(COLOURS, "").replace(/\r$/, "");
  return frameIn(text) ?? eventIn(text) ?? { type: "log", text };
}

function eventIn(text: string): ConsoleLine | undefined {
  if (!text.startsWith("{")) return undefined;
  try {
    return { type: "event", event: JSON.parse(text) as Record<string, unknown> };
  } catch {
    return undefined;
  }
}

/** A frame in hex or base64 anywhere in the line. */
function frameIn(text: string): ConsoleLine | undefined {
  for (const [word] of text.matchAll(/[0-9a-f]{200,}|[A-Za-z0-9+/]{130,}={0,2}/g)) {
    const bytes = new Uint8Array(Buffer.from(word, /^[0-9a-f]+$/.test(word) ? "hex" : "base64"));
    const parsed = parseFrame(bytes);
    if ("failure" in parsed) continue;
    const { frame } = parsed;
    const time = frame.time ?? null;
    const { boot, sequence } = describe(frame, time);
    return {
      type: "frame",
      kid: hex(frame.kid),
      boot,
      sequence,
      readings: describeReadings(frame.readings, time),
    };
  }
  return undefined;
}

/** For people. */
export function lineText(line: ConsoleLine): string {
  switch (line.type) {
    case "log":
      return visibleLine(line.text.replaceAll("\t", "  "));
    case "event":
      return eventText(line.event);
    case "frame": {
      const readings = line.readings.map(
        ({ name, value, unit }) => `${visible(name)} ${value} ${visible(unit)}`,
      );
      return [`frame ${line.kid} ${line.boot}/${line.sequence}`, ...readings].join("  ");
    }
    case "improv":
      return `Improv ${line.packet}, ${line.bytes} bytes`;
  }
}

/** An event's type, then its other members with their names. */
export function eventText({ type = "", ...rest }: Readonly<Record<string, unknown>>): string {
  const said = Object.entries(rest).map(([name, value]) => `${visible(name)} ${wordOf(value)}`);
  return visibleLine([wordOf(type), ...said].join("  "));
}

/** Not every object can be made a text of: one of JSON may have a member `toString`. */
const wordOf = (value: unknown) =>
  visibleLine(typeof value === "object" ? visibleJson(value) : String(value));
