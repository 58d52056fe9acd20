// Longer than other files: reader, writer and recovery share the private state of one class, since
// on XS one more object costs a board RAM.
import type { DroppedRange, Position } from "../frame/chain.js";
import { KID_BYTES, PREV_BYTES } from "../frame/layout.js";
import type { Flash } from "../ports/flash.js";
import type { Hasher } from "../ports/signer.js";
import { LogReader } from "./log-reader.js";
import { Losses } from "./losses.js";
import { IdRanges } from "./ranges.js";
import { FRAME, HEAD_BYTES, RESUME, Records, SEAL, SECTOR, STATE } from "./record.js";
import type { SectorIndex } from "./sector-index.js";
import {
  readState,
  readTip,
  SECTOR_BYTES,
  type SectorHead,
  stateBytes,
  TIP_BYTES,
  type Tip,
  writeSector,
  writeState,
  writeTip,
} from "./state.js";

export interface JournalInit {
  readonly flash: Flash;
  readonly hasher: Hasher;
  /** Whose journal it is: what another device wrote is not trusted. */
  readonly kid: Uint8Array;
  /** The longest frame. */
  readonly frameBytes: number;
  /** What `resumption` said in the boot before; left out where that is not known. */
  readonly resumption?: Resumption | undefined;
  readonly handler: JournalHandler;
}

export interface JournalHandler {
  /** A sector failed. It is passed over, and tried again in the next round. */
  sectorFailed(sector: number, reason: string): void;
  /** Who has a frame that is pending: TAKEN, UNDERWAY, or 0 for nobody. */
  holds(id: number): number;
  /** The frame at this position had to go, and is not lost: a broker has it. */
  delivered(position: Position): void;
}

/** A broker has acknowledged it, in a session that lasts: it counts as delivered when it has to go. */
export const TAKEN = 2;
/** A broker was given it, in a session that lasts, and has not answered. */
export const UNDERWAY = 1;

interface Underway extends Position {
  readonly id: number;
}

/** Where a boot writes first. The next boot has to know, as it cannot see what a power cut left there. */
export interface Resumption {
  /** Serial of the sector. */
  readonly serial: number;
  /** Offset in it. */
  readonly offset: number;
}

/** Acknowledgements until they are recorded, at most: so many frames, and what was in flight, are sent again after a reset. */
const RECORD_EVERY = 8;
/** Frames that are remembered to be under way though they had to go, at most: the latest. */
const MAX_UNDERWAY = 16;
/** One that is written, one that is erased, one that is read. */
const MIN_SECTORS = 3;
const MAX_SECTOR_BYTES = 65_536;
const NOWHERE = "journal: no sector keeps what is written to it";

/** Bytes that `openJournal` reads at most, beyond what its own writing reads back. */
export function recoveryBound({ size, sectorBytes }: Flash): number {
  return 3 * (size / sectorBytes) * (HEAD_BYTES + SECTOR_BYTES) + 6 * sectorBytes;
}

/**
 * Opens the journal of this device, or begins one where there is none that can be trusted. It only reads: make `resumption` durable, then
 * call `begin`. Throws RangeError for a flash that is too small, or whose sectors are.
 */
export function openJournal(init: JournalInit): Journal {
  return new Journal(init);
}

/**
 * Frames that are signed and not yet acknowledged, in a circular log on NOR flash. Each frame has an id; ids rise by one. A
 * frame is durable when `append` returns, and only then may it be sent.
 *
 * The log is written sector after sector, round and round, so that all are erased equally often; docs/journal.md has the layout.
 * What rules here: **a record is known to be whole when one that was written after it can be read.** After a reset the last record
 * is suspect, and so is what lies behind it: bits may read well now and not later. So a boot writes down which frame it takes for the
 * newest before anybody is given it, and programs nothing where something may have been.
 *
 * RAM does not grow with the flash. Whatever is read is checked.
 */
export class Journal {
  /** Bytes that it took to recover. */
  readonly read: number;
  readonly #flash: Flash;
  readonly #records: Records;
  readonly #handler: JournalHandler;
  readonly #log: LogReader;
  readonly #pending = new IdRanges();
  readonly #losses = new Losses();
  readonly #prev = new Uint8Array(PREV_BYTES);
  #tipBoot = 0;
  #tipSequence = 0;
  #next = 0;
  readonly #head: SectorIndex;
  #serial = 0;
  /** Offset behind the last record that counts. */
  #end = 0;
  /** Where this boot writes first, in the sector of an earlier boot; -1 once it has. */
  #resumeAt = -1;
  /** The newest frame has to be written down before it is given to anybody. */
  #isSuspect = false;
  /** The next record begins a sector, whatever room there is. */
  #isClosed = true;
  /** Serial of the sector that recovery found last. */
  #found = 0;
  /** A sector that this boot has erased for the next one; -1 where there is none. */
  #clean = -1;
  /** What was pending and lost before frames were given up to make room, until that is written down. */
  #before: { readonly pending: Float64Array; readonly losses: readonly DroppedRange[] } | undefined;
  #unrecorded = 0;
  #recordAt = 1;
  /** Frames that had to go while they were under way: what becomes of them shows as long as no frame has declared them lost. */
  #underway: Underway[] | undefined;

  constructor({ flash, hasher, kid, frameBytes, resumption, handler }: JournalInit) {
    const { size, sectorBytes } = flash;
    this.#flash = flash;
    this.#handler = handler;
    const records = new Records(flash, hasher, frameBytes > SECTOR_BYTES ? frameBytes : SECTOR_BYTES);
    this.#records = records;
    const least = records.size(0) + records.size(SECTOR_BYTES) + records.size(frameBytes);
    if (
      size / sectorBytes < MIN_SECTORS ||
      size % sectorBytes !== 0 ||
      sectorBytes < least ||
      sectorBytes > MAX_SECTOR_BYTES
    )
      throw new RangeError(
        `flash: ${size} bytes in sectors of ${sectorBytes}; frames of ${frameBytes} bytes need ${MIN_SECTORS} sectors of ${least} to ${MAX_SECTOR_BYTES}`,
      );
    this.#log = new LogReader(flash, records, kid.slice(0, KID_BYTES));
    this.#head = this.#log.head;
    this.recover(resumption);
    this.read = records.bytesRead;
  }

  /** Where this boot may write first: to be made durable before `begin`, and given to the next boot's journal. */
  get resumption(): Resumption {
    return { serial: this.#head.serial, offset: Math.max(this.#resumeAt, 0) };
  }

  /** To be called before anything else is, once. */
  begin(): void {
    if (this.#isSuspect) this.seal();
  }

  /** Kid of another device, some of whose journal is here and is not trusted; undefined where there is none. Reads the flash. */
  get stranger(): Uint8Array | undefined {
    return this.#log.stranger;
  }

  /** Boot of the newest frame that is durable; 0 where there is none. */
  get boot(): number {
    return this.#tipBoot;
  }

  /** What the next frame's `prev` is: first 16 bytes of the newest durable frame's SHA-256; zeros where there is none. */
  get prev(): Uint8Array {
    return this.#prev;
  }

  /** Id of the oldest frame that is pending, or `next`. */
  get first(): number {
    return this.#pending.count === 0 ? this.#next : this.#pending.first;
  }

  /** Id that the next frame gets. */
  get next(): number {
    return this.#next;
  }

  /** Frames that are neither acknowledged nor lost. */
  get pending(): number {
    return this.#pending.count;
  }

  /** Losses that the next frame has to declare, in the order of signing. */
  get losses(): readonly DroppedRange[] {
    return this.#losses.declared;
  }

  /** All losses that wait to be declared, by the next frame or by later ones. */
  get owed(): readonly DroppedRange[] {
    return this.#losses.all;
  }

  /** Whether the frame is pending. */
  has(id: number): boolean {
    return this.#pending.has(id);
  }

  /** The lowest pending id that is at least `id`, or -1. */
  atLeast(id: number): number {
    return this.#pending.atLeast(id);
  }

  /** The highest pending id that is at most `id`, or -1. */
  atMost(id: number): number {
    return this.#pending.atMost(id);
  }

  /**
   * Makes a frame durable, which declared `losses` as they are. `digest`: its SHA-256, where the caller has it. Without room the oldest
   * sector goes, and what was pending in it is lost. Throws where the frame cannot be kept, for instance because more losses wait to be declared than are
   * remembered; it is then not in the journal.
   */
  append({ boot, sequence }: Position, frame: Uint8Array, digest?: Uint8Array): void {
    const id = this.#next;
    const size = this.#records.size(frame.length);
    this.#underway = undefined; // this frame declares them
    for (let tries = this.#log.sectors; ; tries--) {
      if (tries === 0) throw new Error(NOWHERE);
      // This frame was signed before: what making room loses, the next one declares.
      this.makeRoom(size, true, id + 1);
      if (this.write(this.#head.sector, this.#end, FRAME, boot, sequence, frame, id, digest)) break;
      this.#isClosed = true;
    }
    this.#head.add(id, this.#end);
    this.#end += size;
    this.#pending.append(id, id + 1);
    this.#next++;
    this.setTip({ boot, sequence, prev: this.#records.digest.subarray(0, PREV_BYTES) });
  }

  /** The frame, as a view that is good until the next call of any method; undefined where it is not pending. */
  get(id: number): Uint8Array | undefined {
    if (!this.#pending.has(id)) return undefined;
    if (this.#log.read(id)) return this.#records.body;
    this.#handler.sectorFailed(this.#head.sector, "a frame can no longer be read");
    const ranges = this.lost(id, id + 1);
    if (!this.#losses.hasRoom(ranges)) return undefined; // its turn comes when others are declared
    this.#losses.add(ranges, this.#next);
    this.release(id, id + 1);
    this.#pending.remove(id);
    this.record(); // or it could come back after newer ones
    return undefined;
  }

  /** Undefined where the frame is not pending. */
  position(id: number): Position | undefined {
    return this.#pending.has(id) ? this.#log.position(id) : undefined;
  }

  /** The frame leaves. Harmless for one that left before. */
  acknowledge(id: number): void {
    if (!this.#pending.has(id)) {
      this.arrived(id);
      return;
    }
    this.#pending.remove(id);
    this.#losses.acknowledged(id, this.#next);
    if (++this.#unrecorded >= this.#recordAt) this.record();
  }

  /** Adds frames that were signed and could not be kept. */
  lose(range: DroppedRange): void {
    const ranges = [range];
    if (this.#losses.hasRoom(ranges)) this.#losses.add(ranges, this.#next);
  }

  // Writing.

  /** Whether there is room for a record of `size` at the log's end. `mayLose`: frames that are pending may go for it. */
  private makeRoom(size: number, mayLose: boolean, nextSigned: number): boolean {
    if (!this.#isClosed && this.#resumeAt >= 0) this.resume(size);
    const { sectorBytes } = this.#flash;
    for (let tries = this.#log.sectors; tries > 0; tries--) {
      if (!this.#isClosed && this.#end + size + this.reserve <= sectorBytes && !this.#head.isFull)
        return true;
      if (!this.advance(mayLose, nextSigned)) return false;
    }
    throw new Error(NOWHERE);
  }

  /** The first record of a boot stands behind all that may have been programmed before, and says what of it counts. */
  private resume(size: number): void {
    const records = this.#records;
    const at = this.#resumeAt;
    const body = writeTip(records.room(TIP_BYTES), this.tip);
    const end = at + records.size(body.length);
    this.#resumeAt = -1;
    if (
      end + size + this.reserve <= this.#flash.sectorBytes &&
      this.write(this.#head.sector, at, RESUME, this.#end, this.#next, body)
    )
      this.#end = end;
    else this.#isClosed = true;
  }

  /** Writes down which frame is the newest, so that it is known even where the frame cannot be read later. */
  private seal(): void {
    const size = this.#records.size(0);
    try {
      for (let tries = this.#log.sectors; ; tries--) {
        if (tries === 0) throw new Error(NOWHERE);
        this.makeRoom(size, true, this.#next);
        if (this.write(this.#head.sector, this.#end, SEAL, 0, 0)) break;
        this.#isClosed = true;
      }
      this.#end += size;
    } catch (error) {
      this.#handler.sectorFailed(this.#head.sector, String(error));
    }
  }

  /** Writes down what is pending, where that loses nothing. */
  private record(): void {
    this.#recordAt = Math.min(2 * this.#recordAt, RECORD_EVERY);
    this.#unrecorded = 0;
    const size = this.#records.size(this.stateBytes());
    try {
      if (!this.makeRoom(size, false, this.#next)) return;
    } catch (error) {
      this.#handler.sectorFailed(this.#head.sector, String(error));
      return;
    }
    this.saveState();
  }

  /** Writes down what is pending, and the losses, in what is left of the sector. False where that cannot be. */
  private saveState(): boolean {
    const records = this.#records;
    const room = this.stateBytes();
    const size = records.size(room);
    if (!this.#isClosed && this.#resumeAt >= 0) this.resume(size);
    if (this.#isClosed || this.#end + size > this.#flash.sectorBytes) return false;
    const body = writeState(records.room(room), this.#pending, this.#losses.all);
    if (!this.write(this.#head.sector, this.#end, STATE, 0, 0, body)) {
      this.#isClosed = true;
      return false;
    }
    this.#end += records.size(body.length);
    this.#before = undefined;
    return true;
  }

  /** Before a sector is erased: writes down what was given up in it. Where that cannot be, nothing was given up, and false. */
  private saveLosses(): boolean {
    if (this.#before === undefined || this.saveState()) return true;
    this.#pending.restore(this.#before.pending);
    this.#losses.set(this.#before.losses, this.#next);
    this.#before = undefined;
    return false;
  }

  /** What a sector keeps free at its end: room to write down losses where the sector that comes next has failed. */
  private get reserve(): number {
    return this.#records.size(this.stateBytes(2, 4));
  }

  /** What a state may take, with so many more ranges that are pending and losses than there are now. */
  private stateBytes(ranges = 0, losses = 0): number {
    return stateBytes(this.#pending.ranges + ranges, this.#losses.all.length + losses);
  }

  /** Programs a record. False where the sector does not keep it, which is reported. */
  private write(
    sector: number,
    offset: number,
    kind: number,
    first: number,
    second: number,
    body?: Uint8Array,
    id?: number,
    digest?: Uint8Array,
  ): boolean {
    try {
      const address = sector * this.#flash.sectorBytes + offset;
      if (this.#records.write(address, kind, first, second, body, id, digest)) return true;
      this.#handler.sectorFailed(sector, "what was programmed reads differently");
    } catch (error) {
      this.#handler.sectorFailed(sector, String(error));
    }
    return false;
  }

  /**
   * Begins the next sector. The one after it is erased then, so that the log never waits for it; what is lost by that stands in the
   * new sector's head before. False where something would be lost that may not be.
   */
  private advance(mayLose: boolean, nextSigned: number): boolean {
    const last = this.#head.sector;
    let sector = this.#clean >= 0 ? this.#clean : this.#log.after(last);
    for (let tries = this.#log.sectors - 1; tries > 0; tries--, sector = this.#log.after(sector)) {
      if (sector === last) continue;
      const ahead = this.#log.after(sector);
      if (sector !== this.#clean) {
        if (!this.evict(sector, mayLose, nextSigned)) return false;
        // Where the sector before has failed, its head says nothing of these losses.
        if (!this.saveLosses()) throw new Error("journal: full, and a sector has failed");
      }
      if (ahead !== last && !this.evict(ahead, mayLose, nextSigned)) return false;
      const isErased = sector === this.#clean || this.erase(sector);
      this.#clean = -1;
      if (!isErased || !this.beginSector(sector)) continue;
      if (ahead !== last) this.eraseAhead(ahead, mayLose, nextSigned);
      return true;
    }
    throw new Error("journal: no sector can be written");
  }

  private beginSector(sector: number): boolean {
    const records = this.#records;
    const last = this.#head.sector;
    const head: SectorHead = {
      serial: ++this.#serial,
      previous: last < 0 ? sector : last,
      end: this.#end,
      firstId: this.#next,
      tip: this.tip,
    };
    const body = writeSector(
      records.room(SECTOR_BYTES),
      this.#log.kid,
      head,
      this.#pending,
      this.#losses.all,
    );
    const seal = records.size(body.length);
    if (!this.write(sector, 0, SECTOR, 0, 0, body) || !this.write(sector, seal, SEAL, 0, 0)) return false;
    this.#head.begin(sector, head.serial, head.firstId);
    this.#end = seal + records.size(0);
    this.#resumeAt = -1;
    this.#isClosed = false;
    this.#unrecorded = 0;
    this.#before = undefined;
    return true;
  }

  /** Erases the sector that comes next, whose losses are written down. Where it fails, the one after it goes likewise. */
  private eraseAhead(ahead: number, mayLose: boolean, nextSigned: number): void {
    if (this.erase(ahead)) {
      this.#clean = ahead;
      return;
    }
    const other = this.#log.after(ahead);
    if (other === this.#head.sector || !this.evict(other, mayLose, nextSigned)) return;
    if (!this.saveLosses()) return; // it is erased when its turn comes
    if (this.erase(other)) this.#clean = other;
  }

  /** False where it fails, which is reported. */
  private erase(sector: number): boolean {
    this.#log.forget(sector);
    try {
      this.#flash.erase(sector * this.#flash.sectorBytes);
      return true;
    } catch (error) {
      this.#handler.sectorFailed(sector, String(error));
      return false;
    }
  }

  /** What is pending in a sector counts as lost. False where it may not be. */
  private evict(sector: number, mayLose: boolean, nextSigned: number): boolean {
    const head = this.#log.headOf(sector);
    if (head === undefined || head.firstId >= this.#next || this.#pending.count === 0) return true;
    const to = this.#log.endOf(sector, head);
    if (this.#pending.first >= to) return true;
    if (!mayLose) return false;
    const { first } = this.#pending;
    const ranges = this.lost(first, to);
    if (!this.#losses.hasRoom(ranges))
      throw new Error("journal: full, and losses of too many boots wait to be declared");
    this.#before ??= { pending: this.#pending.save(), losses: this.#losses.all };
    this.#losses.add(ranges, nextSigned);
    this.release(first, to);
    this.#pending.removeBelow(to);
    return true;
  }

  /** A frame that had to go has arrived all the same: it is not lost, unless a frame has said so by now. */
  private arrived(id: number): void {
    const underway = this.#underway;
    const found = underway?.find((one) => one.id === id);
    if (underway === undefined || found === undefined) return;
    this.#underway = underway.length > 1 ? underway.filter((one) => one !== found) : undefined;
    if (this.#losses.remove(found, this.#next)) this.#handler.delivered(found);
  }

  /** Tells of the frames from `from` up to `to` that go and are not lost, and remembers those that may not be. */
  private release(from: number, to: number): void {
    for (let id = this.#pending.atLeast(from); id >= 0 && id < to; id = this.#pending.atLeast(id + 1)) {
      const held = this.#handler.holds(id);
      const position = held === 0 ? undefined : this.#log.position(id);
      if (position === undefined) continue;
      if (held === TAKEN) {
        this.#losses.acknowledged(id, this.#next);
        this.#handler.delivered(position);
      } else {
        const { boot, sequence } = position;
        this.#underway = [...(this.#underway ?? []).slice(1 - MAX_UNDERWAY), { id, boot, sequence }];
      }
    }
  }

  /** Positions of the pending frames from `from` up to `to`, not included, that no broker has. */
  private lost(from: number, to: number): DroppedRange[] {
    const ranges: DroppedRange[] = [];
    for (let id = this.#pending.atLeast(from); id >= 0 && id < to; id = this.#pending.atLeast(id + 1)) {
      if (this.#handler.holds(id) === TAKEN) continue;
      const position = this.#log.position(id);
      if (position === undefined) continue;
      const { boot, sequence } = position;
      const range = ranges[ranges.length - 1];
      if (range?.boot === boot && range.last + 1 === sequence)
        ranges[ranges.length - 1] = { boot, first: range.first, last: sequence };
      else ranges.push({ boot, first: sequence, last: sequence });
    }
    return ranges;
  }

  private get tip(): Tip {
    return { boot: this.#tipBoot, sequence: this.#tipSequence, prev: this.#prev };
  }

  private setTip({ boot, sequence, prev }: Tip): void {
    this.#tipBoot = boot;
    this.#tipSequence = sequence;
    this.#prev.set(prev);
  }

  // Recovery.

  /** Takes over what an earlier boot left. */
  private recover(resumption: Resumption | undefined): void {
    // A sector counts when something was written to it after its head, or when an earlier boot has counted on it: else it is the one
    // before that counts, and it is full.
    let limit = Number.POSITIVE_INFINITY;
    for (let tries = 3; tries > 0; tries--) {
      const sector = this.newest(limit);
      if (sector < 0) return;
      limit = this.#found;
      const isKnown = resumption?.serial === this.#found;
      const last = this.load(sector);
      if (last === 0 && !isKnown) continue;
      // One record may have been under way behind the last; and another where the boot before wrote first.
      const { longest } = this.#records;
      this.#resumeAt += longest;
      if (resumption !== undefined && isKnown)
        this.#resumeAt = Math.max(this.#resumeAt, resumption.offset + this.#records.size(TIP_BYTES));
      if (tries < 3) return;
      this.#isClosed = resumption === undefined;
      this.#isSuspect = last === FRAME || last === RESUME;
      return;
    }
  }

  /** The sector with the highest serial below `limit`, or -1. */
  private newest(limit: number): number {
    let newest = -1;
    let highest = -1;
    for (let sector = 0; sector < this.#log.sectors; sector++) {
      const serial = this.#log.headOf(sector)?.serial ?? -1;
      if (serial > this.#serial) this.#serial = serial;
      if (serial <= highest || serial >= limit) continue;
      newest = sector;
      highest = serial;
    }
    this.#found = highest;
    return newest;
  }

  /** Takes over what stands in the newest sector. Returns the kind of the last record, 0 where the sector's head is all there is. */
  private load(sector: number): number {
    let losses: DroppedRange[] = [];
    const records = this.#records;
    const index = this.#head;
    const head = this.#log.headOf(sector, this.#pending, (ranges) => {
      losses = ranges;
    });
    if (head === undefined) return 0;
    this.#next = head.firstId;
    this.setTip(head.tip);
    let last = 0;
    this.#end = records.size(records.length);
    const touched = this.#log.scan(sector, index, head, this.#flash.sectorBytes, (after) => {
      last = records.kind;
      this.#end = after;
      if (last === FRAME) {
        this.#pending.append(this.#next, records.id + 1);
        const { first: boot, second: sequence } = records;
        this.setTip({ boot, sequence, prev: records.digest.subarray(0, PREV_BYTES) });
      } else if (last === STATE) losses = readState(records.body, this.#pending);
      else if (last === RESUME) {
        this.#pending.removeFrom(records.second);
        // A frame that could be read when the boot began, and cannot any more, is pending nevertheless.
        this.#pending.append(this.#next, records.second);
        this.setTip(readTip(records.body));
        this.#end = records.first;
      }
      this.#next = index.end;
    });
    this.#resumeAt = Math.max(touched, this.#end);
    this.#next = index.end;
    this.#losses.set(losses, this.#next);
    return last;
  }
}
