import { InputError } from "../../agent/input-error.js";
import { isKeyName } from "./note-key.js";
import { base64Of, hasControl, readBase64, readText, utf8Of } from "./text.js";

/** Bytes of a note at most: room for the 16 signatures that C2SP asks for, each of post-quantum size. */
export const MAX_NOTE_BYTES = 128 * 1024;
/** Signatures of a note at most. */
export const MAX_SIGNATURES = 100;
const ID_BYTES = 4;

/** One signature line. Nothing is said of whether it is right. */
export interface NoteSignature {
  readonly name: string;
  /** The key's id. */
  readonly id: number;
  /** What the key made, at least one byte. */
  readonly signature: Uint8Array;
}

/** A signed note (C2SP signed-note): nothing in it may be believed before its signatures are checked. */
export interface Note {
  /** It ends with a line feed. */
  readonly text: string;
  /** In their order, at least one. */
  readonly signatures: readonly NoteSignature[];
}

/** Reads a note, strictly. Throws InputError, which shows nothing of it, for anything that is none. */
export function readNote(bytes: Uint8Array): Note {
  if (bytes.length > MAX_NOTE_BYTES) throw new InputError(`a note of more than ${MAX_NOTE_BYTES} bytes`);
  const note = readText(bytes);
  if (note === undefined) throw new InputError("not a note: not UTF-8");
  return parseNote(note);
}

/** The same of text that was decoded. */
export function parseNote(note: string): Note {
  if (hasControl(note)) throw new InputError("not a note: a control character");
  const end = note.lastIndexOf("\n\n");
  if (end < 0) throw new InputError("not a note: no empty line before the signatures");
  return { text: note.slice(0, end + 1), signatures: parseSignatures(note.slice(end + 2)) };
}

/** Reads signature lines, each with its end. Throws InputError for anything else. */
export function parseSignatures(lines: string): NoteSignature[] {
  const parts = lines.split("\n", MAX_SIGNATURES + 2);
  if (parts.length > MAX_SIGNATURES + 1) throw new InputError(`more than ${MAX_SIGNATURES} signatures`);
  if (parts.length < 2 || parts.pop() !== "") throw new InputError("no signature, or a line that has no end");
  return parts.map(parseSignature);
}

/** The bytes of a note. */
export function writeNote({ text, signatures }: Note): Uint8Array {
  return utf8Of(`${text}\n${signatures.map(signatureLine).join("")}`);
}

/** `— name base64(id ‖ signature)` with its line feed. */
export function signatureLine({ name, id, signature }: NoteSignature): string {
  const blob = new Uint8Array(ID_BYTES + signature.length);
  new DataView(blob.buffer).setUint32(0, id);
  blob.set(signature, ID_BYTES);
  return `\u2014 ${name} ${base64Of(blob)}\n`;
}

function parseSignature(line: string): NoteSignature {
  const [dash, name, blob, ...more] = line.split(" ");
  const bytes = readBase64(blob ?? "");
  if (dash !== "\u2014" || name === undefined || !isKeyName(name) || bytes === undefined || more.length > 0)
    throw new InputError("not a note: a line that is no signature");
  if (bytes.length <= ID_BYTES) throw new InputError("not a note: a signature that is too short");
  return { name, id: new DataView(bytes.buffer).getUint32(0), signature: bytes.subarray(ID_BYTES) };
}
