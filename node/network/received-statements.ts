import { existsSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { ENROLMENT_SUFFIX } from "../../network/enrolment/sequence.js";
import { replaceFile } from "../files.js";

/** What the names of these files begin with: nobody else's do. */
const PREFIX = "received-";

/** Files, and bytes in them, at most. */
export interface Room {
  readonly files: number;
  readonly bytes: number;
}

const ROOM: Room = { files: 65_536, bytes: 256 << 20 };

/**
 * Statements of owners that came by HTTP, each in a file of its own in the folder that is watched:
 * so they are there after a restart, and an operator sees and copies them as all others. There is
 * room for so many, since whoever has a key can sign without end.
 */
export class ReceivedStatements {
  readonly #folder: string;
  readonly #room: Room;
  #files = 0;
  #bytes = 0;

  constructor(folder: string, room = ROOM) {
    this.#folder = folder;
    this.#room = room;
    for (const name of readdirSync(folder)) {
      if (!name.startsWith(PREFIX) || !name.endsWith(ENROLMENT_SUFFIX)) continue;
      this.#files++;
      this.#bytes += statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0;
    }
  }

  hasRoomFor(bytes: number): boolean {
    return this.#files < this.#room.files && this.#bytes + bytes <= this.#room.bytes;
  }

  /** Durably, once each. `id`: the statement's, in hex. Throws where it cannot be written. */
  keep(id: string, document: Uint8Array): void {
    const file = join(this.#folder, `${PREFIX}${id}${ENROLMENT_SUFFIX}`);
    if (existsSync(file)) return;
    replaceFile(file, document, 0o644);
    this.#files++;
    this.#bytes += document.length;
  }
}
