import type { DroppedRange, Position } from "../../agent/frame/chain.js";
import { type Journal, openJournal, type Resumption } from "../../agent/journal/journal.js";
import type { Flash } from "../../agent/ports/flash.js";
import { createMemoryFlash } from "../../node/ports/flash.js";
import { hasher } from "../../node/ports/signer.js";
import { hexOf, testKid } from "../support/frames.js";

export interface LogbookOptions {
  readonly sectors?: number;
  readonly sectorBytes?: number;
  readonly programBytes?: number;
  readonly frameBytes?: number;
}

/** What stands for a frame: bytes that are its own. */
export function frameAt({ boot, sequence }: Position, length = 150): Uint8Array {
  return Uint8Array.from({ length }, (_, i) => (i * 7 + boot * 31 + sequence * 3 + (sequence >> 6)) & 0xff);
}

export function digestOf(bytes: Uint8Array): Uint8Array {
  const digest = new Uint8Array(32);
  hasher.sha256(bytes, digest, 0);
  return digest;
}

/** Journals of one device, boot after boot, over the same flash in memory. */
export class Logbook {
  readonly bytes: Uint8Array;
  flash: Flash;
  kid: Uint8Array = testKid;
  journal: Journal;
  readonly reports: string[] = [];
  boot = 1;
  resumption: Resumption | undefined;
  /** Position of each frame, by its id. */
  readonly positions: Position[] = [];
  #sequence = 0;
  readonly #frameBytes: number;

  constructor({ sectors = 4, sectorBytes = 2048, programBytes = 4, frameBytes = 200 }: LogbookOptions = {}) {
    this.bytes = new Uint8Array(sectors * sectorBytes).fill(0xff);
    this.flash = createMemoryFlash({ size: this.bytes.length, sectorBytes, programBytes, bytes: this.bytes });
    this.#frameBytes = frameBytes;
    this.journal = this.open();
  }

  /** Switches the board off and on. */
  reboot(): this {
    this.boot++;
    this.#sequence = 0;
    this.journal = this.open();
    return this;
  }

  /** Signs and appends frames. `length`: of the next frame. */
  add(frames: number, length: (i: number) => number = () => 150): this {
    for (let i = 0; i < frames; i++) {
      const position = { boot: this.boot, sequence: this.#sequence++ };
      const frame = frameAt(position, length(i));
      const id = this.journal.next;
      this.journal.append(position, frame, digestOf(frame));
      this.positions[id] = position;
    }
    return this;
  }

  /** Ids of the frames that are pending. */
  get pending(): number[] {
    const ids: number[] = [];
    for (let id = this.journal.atLeast(0); id >= 0; id = this.journal.atLeast(id + 1)) ids.push(id);
    return ids;
  }

  /** What is wrong with the frames that are pending, read in this order. */
  flaws(ids: readonly number[] = this.pending): string[] {
    return ids.flatMap((id) => {
      const position = this.positions[id];
      const frame = this.journal.get(id);
      if (position === undefined || frame === undefined) return [`${id} is not there`];
      const expected = frameAt(position, frame.length);
      if (hexOf(frame) !== hexOf(expected)) return [`${id} reads ${hexOf(frame)}`];
      const found = this.journal.position(id);
      const isRight = found?.boot === position.boot && found.sequence === position.sequence;
      return isRight ? [] : [`${id} is said to be ${found?.boot}/${found?.sequence}`];
    });
  }

  private open(): Journal {
    const journal = openJournal({
      flash: this.flash,
      hasher,
      kid: this.kid,
      frameBytes: this.#frameBytes,
      resumption: this.resumption,
      handler: {
        sectorFailed: (sector, reason) => this.reports.push(`${sector}: ${reason}`),
        holds: () => 0,
        delivered() {},
      },
    });
    this.resumption = journal.resumption;
    journal.begin();
    return journal;
  }
}

export const range = (boot: number, first: number, last = first): DroppedRange => ({ boot, first, last });
