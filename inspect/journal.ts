import { CborReader } from "../agent/cbor/reader.js";
import { hex } from "../agent/cose/kid.js";
import { FRAME, RESUME, Records, SEAL, SECTOR, STATE } from "../agent/journal/record.js";
import type { Flash } from "../agent/ports/flash.js";
import type { Hasher } from "../agent/ports/signer.js";

/** A record of a journal's image, or a stretch that is none; docs/journal.md. */
export interface JournalLine {
  readonly sector: number;
  /** In the sector. */
  readonly offset: number;
  readonly bytes: number;
  /** "sector", "seal", "frame", "state", "resume", "erased", or "damaged": torn, or no record at all. */
  readonly kind: string;
  readonly meaning: string;
  /** Of a frame: its bytes. */
  readonly frame?: Uint8Array;
}

const NAMES = new Map([
  [SECTOR, "sector"],
  [SEAL, "seal"],
  [FRAME, "frame"],
  [STATE, "state"],
  [RESUME, "resume"],
]);
/** Ids in a row that may be missing. */
const MISSING = 16;
/** The longest record's body: whatever the board's longest frame is. */
const MOST = 4096;

/** All that stands in a journal's image, in the order of addresses: whose it is and whether it counts is not judged. */
export function* annotateJournal(flash: Flash, hasher: Hasher): Generator<JournalLine> {
  const { size, sectorBytes } = flash;
  for (let sector = 0; sector < size / sectorBytes; sector++) yield* annotateSector(flash, hasher, sector);
}

function* annotateSector(flash: Flash, hasher: Hasher, sector: number): Generator<JournalLine> {
  const { sectorBytes, programBytes } = flash;
  const records = new Records(flash, hasher, MOST);
  const start = sector * sectorBytes;
  const end = start + sectorBytes;
  let next = 0;
  for (let at = start; at < end; ) {
    const offset = at - start;
    if (!records.read(at, end, next, MISSING)) {
      const to = nextRecord(records, at + programBytes, end, next);
      const rest = new Uint8Array(to - at);
      flash.read(at, rest);
      const kind = rest.every((byte) => byte === 0xff) ? "erased" : "damaged";
      const meaning = kind === "erased" ? "" : "torn, or never a record";
      yield { sector, offset, bytes: rest.length, kind, meaning };
      at = to;
      continue;
    }
    const { kind, first, second, id } = records;
    const body = records.body.slice();
    const bytes = records.size(body.length);
    const line = { sector, offset, bytes, kind: NAMES.get(kind) as string };
    if (kind === SECTOR) next = firstId(body) ?? next;
    if (kind === RESUME) next = second;
    if (kind === FRAME) {
      next = id + 1;
      yield { ...line, meaning: `id ${id}, boot ${first}, sequence ${second}`, frame: body };
    } else yield { ...line, meaning: meaningOf(kind, first, second, body) };
    at += bytes;
  }
}

function nextRecord(records: Records, from: number, end: number, id: number): number {
  for (let at = from; ; at += records.flash.programBytes) {
    at = records.seek(at, end);
    if (at >= end || records.read(at, end, id, MISSING)) return at;
  }
}

function meaningOf(kind: number, first: number, second: number, body: Uint8Array): string {
  if (kind === SEAL) return "what stands before it is whole";
  const reader = new CborReader(body);
  try {
    if (kind === STATE) return stateText(reader);
    if (kind === RESUME) return `void from ${first} on; next id ${second}; ${tipText(reader)}`;
    reader.array();
    const version = reader.uint();
    const kid = hex(reader.bytes());
    const serial = reader.uint();
    const previous = reader.uint();
    const end = reader.uint();
    const id = reader.uint();
    return (
      `version ${version}, device ${kid}, serial ${serial}, after byte ${end} of sector ${previous}; ` +
      `first id ${id}; ${tipText(reader)}; ${stateText(reader)}`
    );
  } catch (error) {
    return `unreadable: ${(error as Error).message}`;
  }
}

function tipText(reader: CborReader): string {
  reader.array();
  const [boot, sequence] = [reader.uint(), reader.uint()];
  return `newest frame ${hex(reader.bytes())}, boot ${boot}, sequence ${sequence}`;
}

function stateText(reader: CborReader): string {
  reader.array();
  const pending: string[] = [];
  for (let left = reader.array(); left > 0; left -= 2)
    pending.push(`${reader.uint()} to ${reader.uint() - 1}`);
  const losses: string[] = [];
  for (let left = reader.array(); left > 0; left -= 3)
    losses.push(`boot ${reader.uint()} ${reader.uint()} to ${reader.uint()}`);
  const waiting = pending.length === 0 ? "nothing" : `ids ${pending.join(", ")}`;
  return `pending: ${waiting}${losses.length === 0 ? "" : `; lost: ${losses.join(", ")}`}`;
}

function firstId(body: Uint8Array): number | undefined {
  const reader = new CborReader(body);
  try {
    reader.array();
    reader.uint();
    reader.bytes();
    reader.uint();
    reader.uint();
    reader.uint();
    return reader.uint();
  } catch {
    return undefined;
  }
}
