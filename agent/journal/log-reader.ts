import { isSameBytes } from "../cose/kid.js";
import type { DroppedRange, Position } from "../frame/chain.js";
import type { Flash } from "../ports/flash.js";
import type { IdRanges } from "./ranges.js";
import { FRAME, RESUME, type Records, SECTOR } from "./record.js";
import { SectorIndex, sectorOffsets } from "./sector-index.js";
import { isUnreadable, readSector, readTip, type SectorHead, sectorOwner, type Tip } from "./state.js";

/** Frames in a row, at most, that a scan gets over where they cannot be read. */
const MISSING = 16;

/** Finds frames in the log's sectors, newest first. What is read is checked. */
export class LogReader {
  readonly sectors: number;
  /** The sector that is written, and its frames; of none before the first is begun. */
  readonly head: SectorIndex;
  readonly #flash: Flash;
  readonly #records: Records;
  /** Whose log it is. */
  readonly kid: Uint8Array;
  /** The sector that was read last. */
  readonly #other: SectorIndex;

  constructor(flash: Flash, records: Records, kid: Uint8Array) {
    this.#flash = flash;
    this.#records = records;
    this.kid = kid;
    this.sectors = flash.size / flash.sectorBytes;
    const offsets = sectorOffsets(flash.sectorBytes, 2);
    const half = offsets.length / 2;
    this.head = new SectorIndex(flash.sectorBytes, offsets.subarray(0, half));
    this.#other = new SectorIndex(flash.sectorBytes, offsets.subarray(half));
  }

  after(sector: number): number {
    return (sector + 1) % this.sectors;
  }

  /** What is known of a sector is known no longer: it is erased. */
  forget(sector: number): void {
    if (this.#other.sector === sector) this.#other.sector = -1;
  }

  /** Reads the frame; the records have it then. Tried more than once, as bits may read differently. */
  read(id: number): boolean {
    const index = this.find(id);
    if (index === undefined || index.at(id) === 0) return false;
    const { sectorBytes } = this.#flash;
    const records = this.#records;
    const start = index.sector * sectorBytes;
    const address = start + index.at(id);
    // A frame goes to several brokers, most often as soon as it was written.
    if (records.holds(address, id)) return true;
    for (let tries = 3; tries > 0; tries--)
      if (records.read(address, start + sectorBytes, id) && records.kind === FRAME) return true;
    return false;
  }

  /** Where the frame stands in the chain. Of one that cannot be read: as a later boot says, or by those beside it. */
  position(id: number): Position | undefined {
    if (this.read(id)) return { boot: this.#records.first, sequence: this.#records.second };
    const told = this.tipAt(id);
    if (told !== undefined) return { boot: told.boot, sequence: told.sequence };
    const records = this.#records;
    for (let by = 1; by <= MISSING; by++) {
      if (this.read(id - by)) return { boot: records.first, sequence: records.second + by };
      if (this.read(id + by) && records.second >= by)
        return { boot: records.first, sequence: records.second - by };
    }
    return undefined;
  }

  /**
   * The head of a sector that is part of this device's log; undefined where it is not. `pending`, `losses`: where its state goes.
   */
  headOf(
    sector: number,
    pending?: IdRanges,
    losses?: (ranges: DroppedRange[]) => void,
  ): SectorHead | undefined {
    return this.readSector(sector, (body) => readSector(body, this.kid, pending, losses));
  }

  /** Kid of another device that has begun a sector here; undefined where none has. */
  get stranger(): Uint8Array | undefined {
    for (let sector = 0; sector < this.sectors; sector++) {
      const owner = this.readSector(sector, sectorOwner);
      if (owner !== undefined && !isSameBytes(owner, this.kid)) return owner;
    }
    return undefined;
  }

  /** Id of the first frame that is in a later sector; -1 where the sector is no part of the log. */
  endOf(sector: number, { serial }: SectorHead): number {
    const next = this.following(sector, serial);
    return next < 0 ? -1 : (this.headOf(next)?.firstId ?? -1);
  }

  /**
   * Goes through a sector's records up to `limit` and fills `index`. `seen` hears of each, and of the offset behind it, after the index
   * has. Returns the offset behind the last one, or 0 where there is none but the head.
   */
  scan(
    sector: number,
    index: SectorIndex,
    head: SectorHead,
    limit: number,
    seen?: (after: number) => void,
  ): number {
    const records = this.#records;
    const start = sector * this.#flash.sectorBytes;
    index.begin(sector, head.serial, head.firstId);
    if (!records.readHead(start, start + limit)) return 0;
    let at = records.size(records.length);
    let touched = 0;
    while (at < limit) {
      if (!records.read(start + at, start + limit, index.end, MISSING)) {
        at = records.seek(start + at + this.#flash.programBytes, start + limit) - start;
        continue;
      }
      if (records.kind === FRAME) index.add(records.id, at);
      if (records.kind === RESUME) index.resume(records.first, records.second);
      at += records.size(records.length);
      touched = at;
      seen?.(at);
    }
    return touched;
  }

  /** What `read` makes of the body of a sector's head; undefined where there is no such head. */
  private readSector<T>(sector: number, read: (body: Uint8Array) => T | undefined): T | undefined {
    const records = this.#records;
    const start = sector * this.#flash.sectorBytes;
    if (!records.read(start, start + this.#flash.sectorBytes) || records.kind !== SECTOR) return undefined;
    try {
      return read(records.body);
    } catch (error) {
      if (isUnreadable(error)) return undefined;
      throw error;
    }
  }

  /** The index that has the frame, or undefined. */
  private find(id: number): SectorIndex | undefined {
    const { head } = this;
    const other = this.#other;
    if (head.has(id)) return head;
    if (other.has(id)) return other;
    if (head.sector < 0 || id < 0) return undefined;
    // Most often in the sector after the one that was read last, or before it.
    if (other.sector >= 0 && id >= other.end && this.step(id)) return other;
    let sector = other.sector >= 0 && id < other.firstId ? other.sector : head.sector;
    let from = this.headOf(sector);
    for (let tries = this.sectors; from !== undefined && from.previous !== sector && tries > 0; tries--) {
      sector = from.previous;
      const found = this.headOf(sector);
      if (found === undefined || found.serial >= from.serial) return undefined;
      if (found.firstId <= id) {
        this.scan(sector, other, found, from.end);
        other.skipTo(from.firstId);
        return other.has(id) ? other : undefined;
      }
      from = found;
    }
    return undefined;
  }

  /** What was written down of a frame that was the newest when a boot, or a sector, began. */
  private tipAt(id: number): Tip | undefined {
    const index = this.find(id);
    const head = index === undefined ? undefined : this.headOf(index.sector);
    if (index === undefined || head === undefined) return undefined;
    const { sector } = index;
    let tip: Tip | undefined;
    this.scan(sector, new SectorIndex(this.#flash.sectorBytes), head, this.#flash.sectorBytes, () => {
      const { kind, second, body } = this.#records;
      if (kind === RESUME && second === id + 1) tip = readTip(body);
    });
    if (tip !== undefined) return tip;
    const next = this.following(sector, head.serial);
    const after = next < 0 ? undefined : this.headOf(next);
    return after?.firstId === id + 1 ? after.tip : undefined;
  }

  /** Goes on to the sector that was begun after the one that was read last. Whether it has the frame. */
  private step(id: number): boolean {
    const other = this.#other;
    const next = this.following(other.sector, other.serial);
    const head = next < 0 ? undefined : this.headOf(next);
    if (head === undefined || head.firstId > id) return false;
    const last = this.following(next, head.serial);
    const limit = last < 0 ? undefined : this.headOf(last)?.end;
    if (limit === undefined) return false;
    this.scan(next, other, head, limit);
    return other.has(id);
  }

  /** The sector that was begun after this one, or -1. Those between them have failed. */
  private following(sector: number, serial: number): number {
    for (
      let tries = this.sectors - 1, next = this.after(sector);
      tries > 0;
      tries--, next = this.after(next)
    ) {
      const head = this.headOf(next);
      if (head !== undefined && head.previous === sector && head.serial > serial) return next;
    }
    return -1;
  }
}
