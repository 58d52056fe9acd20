import { InputError } from "../../agent/input-error.js";
import type { Hasher } from "../../agent/ports/signer.js";
import type { LogFiles } from "../ports/log-files.js";
import { type Checkpoint, readCheckpoint } from "./checkpoint.js";
import { readNote } from "./note.js";
import { utf8Of } from "./text.js";

/** The last checkpoint that was seen, or cosigned, of each of several logs. */
export interface KeptCheckpoints {
  /** Throws InputError where what was kept is damaged: it must not pass for a log that is new. */
  last(origin: string): KeptCheckpoint | undefined;
  /** Takes its place. Durable when this returns; throws where it may not be. */
  keep(origin: string, note: Uint8Array): void;
}

export interface KeptCheckpoint extends Checkpoint {
  /** The whole note. */
  readonly note: Uint8Array;
}

/**
 * Keeps them in files at the paths by which a cosigner shows them (tlog-witness, "Monitor Retrieval
 * Mechanism").
 */
export function createKeptCheckpoints(files: LogFiles, hasher: Hasher): KeptCheckpoints {
  return {
    last(origin) {
      const path = keptPath(origin, hasher);
      const note = files.read(path);
      if (note === undefined) return undefined;
      try {
        const checkpoint = readCheckpoint(readNote(note).text);
        if (checkpoint.origin === origin) return { ...checkpoint, note };
      } catch (error) {
        throw new InputError(`${path} is damaged: ${(error as Error).message}`);
      }
      throw new InputError(`${path} is of another log`);
    },
    keep(origin, note) {
      files.write(keptPath(origin, hasher), note);
    },
  };
}

/** `<SHA-256 of the origin in hex>/checkpoint`. */
export function keptPath(origin: string, hasher: Hasher): string {
  const digest = new Uint8Array(32);
  hasher.sha256(utf8Of(origin), digest, 0);
  return `${Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("")}/checkpoint`;
}
