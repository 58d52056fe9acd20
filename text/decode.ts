import { InputError } from "../agent/input-error.js";

/** Notepad and PowerShell of old write one of these as "Unicode" (UTF-16), the other as "ANSI" (a code page such as Latin-1). */
const HOW = "save it as UTF-8";
const UTF8 = new TextDecoder("utf-8", { fatal: true });

/**
 * What stands in a text file that somebody hands over, whatever it is for: UTF-8 with or without a byte order mark, which is no part of the text.
 * Lines may end as Windows ends them; who looks at lines takes `linesOf`. Throws InputError "not text in UTF-8 ..." that shows nothing of it.
 */
export function decodeText(bytes: Uint8Array): string {
  const [first, second] = bytes;
  const isMarked = (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
  // No text has a NUL in it; in UTF-16 every second byte of plain English is one.
  if (isMarked || bytes.includes(0)) throw new InputError(`not text in UTF-8, it looks like UTF-16: ${HOW}`);
  try {
    return withoutMark(UTF8.decode(bytes));
  } catch {
    throw new InputError(`not text in UTF-8, perhaps Latin-1 ("ANSI"): ${HOW}`);
  }
}

/**
 * A password as it was written into a file or a variable: the first line, without its end and without a mark before it.
 */
export const firstLine = (text: string): string => linesOf(withoutMark(text))[0] ?? "";

/** Lines without their ends: LF, CR LF, and CR as old Macs had it. */
export const linesOf = (text: string): string[] => text.split(/\r\n|\n|\r/);

/** Programs that join files leave several. */
const withoutMark = (text: string): string => text.replace(/^\uFEFF+/, "");
