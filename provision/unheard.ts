import { quoted, visible } from "../text/visible.js";
import type { FailureCode } from "./events.js";

/** What a board's console showed while nobody answered as Improv Serial. */
export interface Console {
  /** The end of what came, as text. */
  readonly text: string;
  readonly bytes: number;
  /** Of them, those that are no text. */
  readonly garbage: number;
}

/** Why a board is not heard: how far along the way something still answers. */
export interface Diagnosis {
  readonly code: FailureCode;
  readonly reason: string;
  readonly hint: string;
}

const MOST_TEXT = 4000;
/** More of what came than this part is no text: the two ends have different rates, or the cable is bad. */
const GARBAGE = 0.3;

/** Collects what comes on a wire. */
export class ConsoleEar {
  #text = "";
  #bytes = 0;
  #garbage = 0;

  readonly received = (data: Uint8Array): void => {
    for (const byte of data) {
      this.#bytes++;
      const isText = byte === 9 || byte === 10 || byte === 13 || (byte >= 0x20 && byte < 0x7f);
      if (isText) this.#text += String.fromCharCode(byte);
      else this.#garbage++;
    }
    this.#text = this.#text.slice(-MOST_TEXT);
  };

  get heard(): Console {
    return { text: this.#text, bytes: this.#bytes, garbage: this.#garbage };
  }
}

export const IN_LOADER = {
  reason: "its chip waits in the ROM's loader for a download, and runs no firmware",
  hint: "Let BOOT go and press RESET; or flash it.",
};
const RESET = "Press RESET and try again.";

/** By what ROM, bootloader and firmware say (ESP-IDF, bootloader_support; docs/firmware.md). Undefined where that tells nothing. */
export function diagnose({ text, bytes, garbage }: Console): Diagnosis | undefined {
  if (bytes > 0 && garbage > GARBAGE * bytes)
    return {
      code: "wrong-rate",
      reason: `what comes from it is no text (${garbage} of ${bytes} bytes): it speaks at another rate than 115200 baud, or the cable is bad`,
      hint: "Another firmware may be on it: flash it. Otherwise try a shorter cable.",
    };
  const failed = /\{"type":"boot-failed".*?"reason":"([^"]*)"/.exec(text)?.[1];
  const at = (pattern: RegExp) => {
    const found = [...text.matchAll(pattern)].at(-1);
    return found === undefined ? -1 : found.index;
  };
  const inLoader = at(/waiting for download/g);
  const empty = at(
    /invalid header: 0x|No bootable app|load partition table error|invalid magic byte|csum err/gi,
  );
  const closed = at(/"type":"provisioning-closed"/g);
  const ours = at(/"type":"booted"|"type":"provisioning-open"|"platform":/g);
  const latest = Math.max(inLoader, empty, closed, ours);
  if (failed !== undefined)
    return {
      code: "boot-failed",
      reason: `its firmware starts and gives up: ${visible(failed)}`,
      hint: "Its settings may be damaged: flash it, or let a factory reset forget them.",
    };
  if (latest < 0)
    return text.trim() === ""
      ? undefined
      : {
          code: "other-firmware",
          reason: `it runs something else, which does not answer; it says ${quoted(lastLine(text))}`,
          hint: "Flash it with Fieldmark's firmware.",
        };
  if (latest === inLoader) return { code: "in-loader", ...IN_LOADER };
  if (latest === empty)
    return { code: "not-flashed", reason: "its chip starts and finds no firmware", hint: "Flash it." };
  return {
    code: "no-firmware",
    reason:
      latest === closed
        ? "its firmware runs, and its time for provisioning is over"
        : "its firmware runs and does not answer",
    hint: `The board listens for some minutes after it starts. ${RESET}`,
  };
}

const lastLine = (text: string) =>
  text
    .trim()
    .split(/[\r\n]+/)
    .at(-1)
    ?.slice(0, 80) ?? "";
