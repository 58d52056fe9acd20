import { DIGEST_BYTES } from "../../agent/frame/layout.js";
import { InputError } from "../../agent/input-error.js";
import { base64Of, readBase64, readDecimal } from "./text.js";

/** The head of a log's tree at one size (C2SP tlog-checkpoint). */
export interface Checkpoint {
  /** The log's name. */
  readonly origin: string;
  /** Entries. */
  readonly size: number;
  /** MTH of RFC 6962 §2.1 at that size, 32 bytes. */
  readonly root: Uint8Array;
}

/** The note's text: origin, size in decimal, root in base64, a line each. */
export const checkpointText = ({ origin, size, root }: Checkpoint): string =>
  `${origin}\n${size}\n${base64Of(root)}\n`;

/**
 * Reads a note's text as a checkpoint. Lines that extend it are passed over. Throws InputError for
 * anything that is none, and for a size beyond 2^53 - 1.
 */
export function readCheckpoint(text: string): Checkpoint {
  const lines = text.split("\n");
  if (lines.pop() !== "" || lines.includes("")) throw new InputError("not a checkpoint: an empty line");
  const [origin, sizeText, rootText] = lines;
  if (origin === undefined || sizeText === undefined || rootText === undefined)
    throw new InputError("not a checkpoint: less than three lines");
  const size = readDecimal(sizeText);
  if (size === undefined) throw new InputError("not a checkpoint: the second line is no size");
  const root = readBase64(rootText);
  if (root?.length !== DIGEST_BYTES) throw new InputError("not a checkpoint: the third line is no hash");
  return { origin, size, root };
}
