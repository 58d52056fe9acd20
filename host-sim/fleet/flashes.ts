import { join } from "node:path";
import type { Flash } from "../../agent/ports/flash.js";
import {
  createFileFlash,
  createMemoryFlash,
  type FileFlash,
  type FlashGeometry,
} from "../../node/ports/flash.js";
import type { Engine } from "../engines/engine.js";

/** The journal of a board that is kept from run to run: a file, the same whatever engine runs the board. */
const KEPT: FlashGeometry = { size: 64 * 1024 };

/** The file of its journal, in a board's folder. */
export const JOURNAL = "journal.flash";

/** The boards' journals. */
export interface BoardFlashes {
  of(board: string): { readonly flash: Flash; readonly isFlashKept: boolean };
  close(): void;
}

/** In the state folder, or for this run only. */
export function boardFlashes(state: string | undefined, { journal, hasFlash }: Engine): BoardFlashes {
  if (state !== undefined) {
    const files: FileFlash[] = [];
    return {
      of(board) {
        const flash = createFileFlash({ ...KEPT, file: join(state, board, JOURNAL) });
        files.push(flash);
        return { flash, isFlashKept: true };
      },
      close() {
        for (const file of files) file.close();
      },
    };
  }
  // Where the engine has the bytes, all that it wants to know is their geometry.
  const shared = createMemoryFlash(journal);
  return {
    of: () => ({ flash: hasFlash ? shared : createMemoryFlash(journal), isFlashKept: false }),
    close() {},
  };
}
