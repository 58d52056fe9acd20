import { existsSync } from "node:fs";
import { type Database, open, type RootDatabase } from "lmdb";
import { hex } from "../../../agent/cose/kid.js";
import { comparePositions, type Position } from "../../../agent/frame/chain.js";
import { type Frame, parseFrame } from "../../../agent/frame/parse.js";
import { frameTopic } from "../../../agent/frame/topic.js";
import { InputError } from "../../../agent/input-error.js";
import { digestOf } from "../../../network/bytes.js";
import type { Evidence } from "../../../network/ports/frame-file.js";
import type { WitnessStore } from "../../../network/ports/witness-store.js";
import type { Kept } from "../../../network/verify/judge-init.js";
import type { Arrival, Judgement } from "../../../network/verify/judgement.js";
import type { FrameQuery, KeptFrame, Rejection } from "../../../network/witness/view.js";
import { acquireLock } from "../../lock.js";
import { hasher } from "../../ports/signer.js";
import { Batch, type Entry } from "./batch.js";
import { DAY_SECONDS, DayTable, dayOf } from "./days.js";
import { InventoryTable } from "./inventories.js";
import { KeptFrames } from "./kept-frames.js";
import { behind, endOf, kidKey, kidOfKey, placeKey, positionOfKey } from "./keys.js";
import { readRecord, writeRecord } from "./record.js";
import { RejectionTable } from "./rejections.js";
import { sweepDays } from "./sweep.js";
import { Writer } from "./writer.js";

const FORMAT = "1";
/** Frames with a verdict that a judge gets of a device, to follow its chain by; and frames in all. */
const RECALLED = 32;
const MOST_RECALLED = 4096;
const BYTES = { keyEncoding: "binary", encoding: "binary" } as const;

type Table = Database<Buffer, Buffer>;

/**
 * A witness's store in one LMDB file. What comes in while a commit is under way becomes durable
 * with the next, so durability costs a batch and not a frame.
 *
 *   frames      place (keys.ts) -> record (record.ts)
 *   undecided   place -> nothing: frames without a verdict
 *   details     place -> what is wrong, UTF-8
 *   days        days.ts
 *   evidence    place, SHA-256 of the frame -> a frame that contradicts the one there
 *   rejections  rejections.ts
 *   inventories inventories.ts
 *   brokers     number -> name
 *   notes       name -> value
 */
export class LmdbStore implements WitnessStore {
  readonly contradictions: Evidence;
  readonly inventories: InventoryTable;
  readonly #network: string;
  readonly #root: RootDatabase<Buffer, Buffer>;
  readonly #frames: Table;
  readonly #undecided: Table;
  readonly #details: Table;
  readonly #evidence: Table;
  readonly #brokers: Table;
  readonly #notes: Database<string, string>;
  readonly #days: DayTable;
  readonly #kept: KeptFrames;
  readonly #rejections: RejectionTable;
  readonly #release: () => void;
  readonly #writer: Writer;
  #names: string[] = [];
  /** What gathers for the next commit, and what is being committed. */
  #next = new Batch();
  #writing: Batch | undefined;
  #commits = 0;
  #seconds = 0;
  #failure: Error | undefined;
  #isClosed = false;

  /**
   * Opens the store of a network, or makes it. Throws InputError where it is another network's, and
   * LockedError where another process has it.
   */
  constructor(path: string, network: string) {
    this.#network = network;
    this.#release = acquireLock(path);
    try {
      this.#writer = new Writer(path);
      if (!existsSync(path)) this.#writer.tryDisk(1);
      // By itself LMDB for Node syncs after the commit: where that fails, who waits for it, or closes, waits for ever.
      this.#root = open({ path, ...BYTES, maxDbs: 16, overlappingSync: false });
      this.#writer.open(this.#root);
      const table = (name: string): Table => this.#root.openDB({ name, ...BYTES });
      this.#frames = table("frames");
      this.#undecided = table("undecided");
      this.#details = table("details");
      this.#evidence = table("evidence");
      this.#brokers = table("brokers");
      this.#notes = this.#root.openDB({ name: "notes", encoding: "string" });
      this.#days = new DayTable(table("days"));
      this.#kept = new KeptFrames({
        frames: this.#frames,
        details: this.#details,
        days: this.#days,
        brokerOf: (number) => this.#names[number] ?? "",
      });
      this.#rejections = new RejectionTable(table("rejections"));
      this.inventories = new InventoryTable(table("inventories"), this.#writer);
      this.#check(path);
    } catch (error) {
      this.#release();
      throw error;
    }
    this.#readBrokers();
    this.contradictions = {
      read: () => this.#evidence.getRange({}).map(({ value }) => value),
      append: (bytes) => this.#contradict(bytes),
      close() {},
    };
  }

  #check(path: string): void {
    const format = this.#notes.get("format") ?? FORMAT;
    if (format !== FORMAT)
      throw new InputError(`${path} is of another release (format ${format}): use that, or another folder`);
    const network = this.#notes.get("network") ?? this.#network;
    if (network !== this.#network)
      throw new InputError(`${path} is of network "${network}", not of "${this.#network}"`);
    if (this.#notes.get("network") !== undefined) return; // it opens on a disk that is full, too
    this.#root.transactionSync(() => {
      this.#notes.putSync("format", FORMAT);
      this.#notes.putSync("network", network);
    });
  }

  get size(): number {
    return entriesOf(this.#frames);
  }

  get undecidedSize(): number {
    return entriesOf(this.#undecided);
  }

  get bytes(): number {
    const all = [this.#frames, this.#undecided, this.#details, this.#evidence, this.#brokers];
    const others = [this.#days.db, this.#rejections.db, this.inventories.db];
    return [...all, ...others].reduce((sum, db) => sum + bytesOf(db), 0);
  }

  get commits(): { readonly count: number; readonly seconds: number } {
    return { count: this.#commits, seconds: this.#seconds };
  }

  append(bytes: Uint8Array, frame: Frame, arrival?: Arrival): void {
    const { boot, sequence } = frame;
    const broker = this.#brokerNumber(arrival?.broker ?? "");
    const received = Math.round(1000 * (arrival?.received ?? 0));
    // The rest of what its broker sent with it is let go.
    const record = { verdict: undefined, received, broker, time: null, bytes: bytes.slice() };
    const key = placeKey(frame.kid, frame);
    this.#put({ key, boot, sequence, record, detail: undefined, isUndecided: false });
  }

  judged({ kid = "", boot, sequence, verdict, time = null, detail }: Judgement): void {
    if (boot === undefined || sequence === undefined) return;
    const entry = this.#entryAt(kidKey(kid), { boot, sequence });
    if (entry === undefined) return;
    this.#put({ ...entry, detail, record: { ...entry.record, verdict, time } });
  }

  durable(): Promise<void> | undefined {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    return this.#next.isEmpty ? this.#writing?.done : this.#next.done;
  }

  *undecided(): Generator<string> {
    let start: Buffer | undefined = Buffer.alloc(1);
    while (start !== undefined) {
      const [key]: Buffer[] = [...this.#undecided.getKeys({ start, limit: 1 })];
      if (key === undefined) return;
      yield hex(kidOfKey(key));
      start = behind(kidOfKey(key));
    }
  }

  recall(kid: string): Kept[] {
    const key = kidKey(kid);
    const [first] = [...this.#undecided.getKeys({ start: key, ...endOf(behind(key)), limit: 1 })];
    const open = first && positionOfKey(first);
    const kept: Kept[] = [];
    let judged = 0;
    const range = this.#frames.getRange({ start: behind(key) as Buffer, end: key, reverse: true });
    for (const { key: place, value } of range) {
      if (!kidOfKey(place).equals(key)) continue; // the start of a range that goes back is included
      const isBehind = open === undefined || comparePositions(positionOfKey(place), open) < 0;
      if ((isBehind && judged === RECALLED) || kept.length === MOST_RECALLED) break;
      const { verdict, bytes, received, broker } = readRecord(value);
      const topic = frameTopic(this.#network, kid);
      const arrival = { broker: this.#names[broker] ?? "", topic, received: received / 1000 };
      kept.push({ bytes, origin: verdict === undefined ? arrival : "store" });
      if (isBehind) judged++;
    }
    return kept.reverse();
  }

  at({ kid, boot, sequence }: Frame): Uint8Array | undefined {
    return this.#entryAt(kid, { boot, sequence })?.record.bytes;
  }

  /** After a failure: what was not written is given up, and what comes is tried again. */
  recover(): void {
    if (this.#failure === undefined) return;
    this.#failure = undefined;
    this.#readBrokers();
  }

  /** Devices' frames are found by `recall`. */
  replay(): void {}

  sync(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  frames(query: FrameQuery): KeptFrame[] {
    return this.#kept.list(query);
  }

  frame(kid: string, position: Position): KeptFrame | undefined {
    const key = kidKey(kid);
    const entry = this.#entryAt(key, position);
    return entry && this.#kept.view(key, position, entry.record, entry.detail);
  }

  dated(from: number, until: number): Iterable<KeptFrame> {
    return this.#kept.dated(from, until);
  }

  refuse(rejection: Omit<Rejection, "number">): Rejection {
    const added = this.#rejections.next(rejection);
    this.#write(() => this.#rejections.put(added));
    return added;
  }

  rejections(before: number | undefined, limit: number): Rejection[] {
    return this.#rejections.newest(before, limit);
  }

  evidence(kid: string): (readonly [Uint8Array, Uint8Array])[] {
    const key = kidKey(kid);
    const pairs: (readonly [Uint8Array, Uint8Array])[] = [];
    for (const { key: at, value } of this.#evidence.getRange({ start: key, ...endOf(behind(key)) })) {
      const first = this.#entryAt(key, positionOfKey(at));
      if (first !== undefined) pairs.push([first.record.bytes, value]);
    }
    return pairs;
  }

  note(name: string): string | undefined {
    return this.#notes.get(name);
  }

  setNote(name: string, value: string): void {
    this.#write(() => this.#notes.put(name, value));
  }

  firstDay(): number | undefined {
    let first: number | undefined;
    for (const kid of this.#days.kids())
      for (const { day } of this.#days.of(kid, 0, 2 ** 32 - 1)) {
        if (first === undefined || day < first) first = day;
        break;
      }
    return first === undefined ? undefined : first * DAY_SECONDS;
  }

  sweep(before: number): Promise<number> {
    const parts = { frames: this.#frames, details: this.#details, days: this.#days, kept: this.#kept };
    return sweepDays({ ...parts, writer: this.#writer, isClosed: () => this.#isClosed }, dayOf(before));
  }

  async backup(file: string): Promise<void> {
    if (existsSync(file)) throw new InputError(`${file} is there already: name another file`);
    await this.#root.backup(file, true);
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    try {
      await this.durable();
    } catch {
      // Whoever waits for it was told. Nobody was told that it is kept.
    } finally {
      this.#isClosed = true;
      await this.#root.close();
      this.#release();
    }
  }

  #put(entry: Entry): void {
    if (this.#failure !== undefined) throw this.#failure;
    this.#next.put(entry);
    this.#schedule();
  }

  #write(work: () => unknown): void {
    if (this.#failure !== undefined) throw this.#failure;
    this.#next.also(work);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#next.isScheduled) return;
    this.#next.isScheduled = true;
    if (this.#writing === undefined) setImmediate(() => void this.#commit());
  }

  async #commit(): Promise<void> {
    const batch = this.#next;
    this.#next = new Batch();
    this.#writing = batch;
    const start = performance.now();
    try {
      await this.#writer.commit(batch.size, () => {
        for (const entry of batch.entries) this.#store(entry);
        for (const work of batch.others) work();
      });
    } catch (error) {
      this.#failure = error as Error;
      this.#days.forget();
      batch.reject(error as Error);
      this.#next.reject(error as Error);
      this.#next = new Batch();
      this.#writing = undefined;
      return;
    }
    this.#days.committed();
    this.#commits++;
    this.#seconds += (performance.now() - start) / 1000;
    this.#writing = undefined;
    batch.resolve();
    if (this.#next.isScheduled) setImmediate(() => void this.#commit());
  }

  #store({ key, record, detail, isUndecided, boot, sequence }: Entry): void {
    if (record.verdict === undefined) this.#undecided.put(key, Buffer.alloc(0));
    else {
      if (isUndecided) this.#undecided.remove(key);
      if (detail !== undefined) this.#details.put(key, Buffer.from(detail));
      this.#days.add(kidOfKey(key), record.time ?? record.received / 1000, boot, sequence);
    }
    this.#frames.put(key, writeRecord(record));
  }

  #contradict(bytes: Uint8Array): void {
    const parsed = parseFrame(bytes);
    if ("failure" in parsed) return;
    const copy = Buffer.from(bytes);
    const place = placeKey(parsed.frame.kid, parsed.frame);
    const key = Buffer.concat([place, digestOf(bytes, hasher)]);
    this.#write(() => this.#evidence.put(key, copy));
  }

  /** What is known of a place, durable or not. */
  #entryAt(kid: Uint8Array, position: Position): Entry | undefined {
    const key = placeKey(kid, position);
    const waiting = this.#next.at(key);
    if (waiting !== undefined) return waiting;
    const written = this.#writing?.at(key);
    if (written !== undefined) return { ...written, isUndecided: written.record.verdict === undefined };
    const value = this.#frames.get(key);
    if (value === undefined) return undefined;
    const record = readRecord(value);
    const detail = this.#details.get(key)?.toString();
    return { key, ...position, record, detail, isUndecided: record.verdict === undefined };
  }

  #readBrokers(): void {
    this.#names = [...this.#brokers.getRange({})].map(({ value }) => value.toString());
  }

  #brokerNumber(name: string): number {
    const known = this.#names.indexOf(name);
    if (known >= 0) return known;
    const number = this.#names.push(name) - 1;
    const key = Buffer.alloc(2);
    key.writeUInt16BE(number);
    this.#write(() => this.#brokers.put(key, Buffer.from(name)));
    return number;
  }
}

const entriesOf = (db: Table) => (db.getStats() as { entryCount: number }).entryCount;

/** Pages that a table has, in bytes. */
export function bytesOf(db: Table): number {
  const { pageSize, treeBranchPageCount, treeLeafPageCount, overflowPages } = db.getStats() as Stats;
  return pageSize * (treeBranchPageCount + treeLeafPageCount + overflowPages);
}

interface Stats {
  readonly pageSize: number;
  readonly treeBranchPageCount: number;
  readonly treeLeafPageCount: number;
  readonly overflowPages: number;
}
