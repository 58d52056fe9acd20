import { writeSync } from "node:fs";
import { visible, visibleJson, visibleLines } from "../text/visible.js";

/*
 * The one place that writes to standard output and standard error. Whatever is in a line, a
 * terminal obeys nothing of it (text/visible.ts): what comes from outside is made fit where it
 * is put into words, since there it cannot begin a line of its own; and here once more.
 */

const lines = (text: string) => `${visibleLines(text.replace(/\n$/, ""))}\n`;

/** Words of ours, on lines of their own, to standard output. */
export const print = (text: string): void => void process.stdout.write(lines(text));

/** A value as JSON on one line of standard output: exact data, whatever is in it. */
export const printJson = (value: unknown): void => void process.stdout.write(`${visibleJson(value)}\n`);

/** Bytes as they are, for another program. */
export const printBytes = (bytes: Uint8Array): void => void process.stdout.write(bytes);

/** What happens meanwhile: to standard error. */
export const tell = (text: string): void => void process.stderr.write(lines(text));

/** The same, with the program's name before it. */
export const warn = (text: string): void => tell(`fieldmark: ${text}`);

export const tellJson = (value: unknown): void => void process.stderr.write(`${visibleJson(value)}\n`);

/** `warn` before the process ends. Throws where nothing can be written. */
export const warnAtOnce = (text: string): void => void writeSync(2, lines(`fieldmark: ${text}`));

/** A question, whose answer is typed on the same line. */
export const ask = (question: string): void => void process.stderr.write(visible(question));

/** A picture that changes, on standard error. */
export interface Picture {
  /** Shows `text` in place of what it showed. */
  show(text: string): void;
  clear(): void;
  /** Leaves what it shows. */
  done(): void;
}

/** Undefined where standard error is no terminal. */
export async function openPicture(): Promise<Picture | undefined> {
  if (!process.stderr.isTTY) return undefined;
  const update = (await import("log-update")).createLogUpdate(process.stderr);
  return {
    show: (text) => update(visibleLines(text)),
    clear: () => update.clear(),
    done: () => update.done(),
  };
}
