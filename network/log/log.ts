import { InputError } from "../../agent/input-error.js";
import type { LogFiles } from "../ports/log-files.js";
import type { NoteChecker, NoteKey } from "../ports/note-keys.js";
import { MAX_ENTRY_BYTES } from "./bundle.js";
import { checkpointText } from "./checkpoint.js";
import { addCosignatures } from "./cosignatures.js";
import { writeNote } from "./note.js";
import { createVerifierKey, ED25519, type VerifierKey } from "./note-key.js";
import { signText } from "./note-signature.js";
import { openCheckpoint } from "./open-checkpoint.js";
import { consistencyRanges, inclusionRanges } from "./proof-ranges.js";
import { StoredTree } from "./stored-tree.js";
import { TILE_WIDTH } from "./tile.js";
import { emptyEnd, grow, type TreeEnd } from "./tree-end.js";
import { createTreeHasher, sameHash, type TreeHasher } from "./tree-hash.js";

/** Where the checkpoint is (tlog-tiles, "Checkpoints"). */
export const CHECKPOINT_PATH = "checkpoint";

export interface LogParts {
  readonly files: LogFiles;
  readonly checker: NoteChecker;
  /** The log's name, which its checkpoints bear: a URL without its scheme. */
  readonly origin: string;
  /** The log's key. No two logs may have the same. */
  readonly key: NoteKey;
  /**
   * A checkpoint of this log that is known from elsewhere, such as from a cosigner: a log that does
   * not begin with it, as after a restore from a backup, is not opened.
   */
  readonly known?: Uint8Array | undefined;
}

/**
 * An append-only log of entries with proofs (C2SP tlog-tiles, RFC 6962 §2). Opens what is in `files`,
 * or begins a log where nothing is. Throws InputError where the files are not those of this log's
 * last checkpoint.
 */
export function createLog(parts: LogParts): Log {
  const key = createVerifierKey(parts.checker, parts.origin, ED25519, parts.key.publicKey);
  const tree = createTreeHasher(parts.checker);
  const stored = new StoredTree(parts.files, tree);
  const note = parts.files.read(CHECKPOINT_PATH);
  if (note === undefined && !parts.files.isEmpty())
    throw new InputError("the log has files, and no checkpoint: a new one would contradict the old");
  const end =
    note === undefined ? emptyEnd(tree) : stored.end(openCheckpoint(note, key, parts.checker).checkpoint);
  const log = new Log(parts, key, tree, stored, end, note);
  if (parts.known !== undefined) log.mustHave(parts.known);
  return log;
}

/** All errors of its own are InputError, where an argument or a file is wrong. */
export class Log {
  readonly key: VerifierKey;
  readonly #files: LogFiles;
  readonly #checker: NoteChecker;
  readonly #signer: NoteKey;
  readonly #tree: TreeHasher;
  readonly #stored: StoredTree;
  #end: TreeEnd;
  #checkpoint: Uint8Array;
  /** A write failed: what the files have now is known only to who opens them again. */
  #isBroken = false;

  /** `note`: the checkpoint of `end` as it is in the files; undefined where none is there yet. */
  constructor(
    { files, checker, key: signer }: LogParts,
    key: VerifierKey,
    tree: TreeHasher,
    stored: StoredTree,
    end: TreeEnd,
    note: Uint8Array | undefined,
  ) {
    this.key = key;
    this.#files = files;
    this.#checker = checker;
    this.#signer = signer;
    this.#tree = tree;
    this.#stored = stored;
    this.#end = end;
    this.#checkpoint = note ?? this.#sign(end);
    if (note === undefined) files.write(CHECKPOINT_PATH, this.#checkpoint);
  }

  /** Entries. */
  get size(): number {
    return this.#end.range.size;
  }

  /** 32 bytes. */
  get root(): Uint8Array {
    return this.#end.range.root();
  }

  /** The checkpoint as it is shown: a note, with the cosignatures that were added to it. */
  get checkpoint(): Uint8Array {
    return this.#checkpoint;
  }

  /**
   * Appends entries of at most 65,535 bytes each; returns the index of the first. When it returns,
   * they and the checkpoint above them are durable. Throws what the files throw: the log may have
   * the entries then or not, all or none, and takes no more until it is opened again.
   */
  append(entries: readonly Uint8Array[]): number {
    if (entries.some(({ length }) => length > MAX_ENTRY_BYTES))
      throw new InputError(`an entry of more than ${MAX_ENTRY_BYTES} bytes`);
    const first = this.size;
    if (entries.length === 0) return first;
    const copies = entries.map((entry) => entry.slice());
    const { end, files, unwanted } = grow(this.#tree, this.#end, copies);
    this.#write(files);
    // Not before this: whoever sees a checkpoint may ask for all that is below it.
    const checkpoint = this.#sign(end);
    this.#write([[CHECKPOINT_PATH, checkpoint]]);
    this.#end = end;
    this.#checkpoint = checkpoint;
    for (const folder of unwanted) this.#files.forget(folder);
    return first;
  }

  /**
   * Adds to the checkpoint what a cosigner answered, in signature lines. Those by other keys than
   * `keys` are passed over. Throws InputError where one of `keys` did not sign what bears its name:
   * also where the log has a larger checkpoint by now.
   */
  addCosignatures(lines: string, keys: readonly VerifierKey[]): void {
    const note = addCosignatures(this.#checkpoint, lines, this.key, keys, this.#checker);
    this.#write([[CHECKPOINT_PATH, note]]);
    this.#checkpoint = note;
  }

  entry(index: number): Uint8Array {
    if (!isIn(index, 0, this.size - 1)) throw new InputError(`entry ${index}: the log has ${this.size}`);
    const at = index % TILE_WIDTH;
    return this.#stored.entries((index - at) / TILE_WIDTH, this.size)[at] as Uint8Array;
  }

  /** The audit path of an entry in the tree of `size` (RFC 6962 §2.1.1), 32 bytes a hash. */
  inclusion(index: number, size = this.size): Uint8Array[] {
    if (!isIn(size, 1, this.size) || !isIn(index, 0, size - 1))
      throw new InputError(`entry ${index} of ${size}: the log has ${this.size}`);
    return this.#stored.hashes(inclusionRanges(index, size), this.size);
  }

  /** The proof that the tree of `size` begins with that of `old` (RFC 6962 §2.1.2), 32 bytes a hash. */
  consistency(old: number, size = this.size): Uint8Array[] {
    if (!isIn(size, 0, this.size) || !isIn(old, 0, size))
      throw new InputError(`from ${old} to ${size}: the log has ${this.size}`);
    return this.#stored.hashes(consistencyRanges(old, size), this.size);
  }

  /** Throws InputError where `known`, a checkpoint of this log, is not of a tree with which this one begins. */
  mustHave(known: Uint8Array): void {
    const { size, root } = openCheckpoint(known, this.key, this.#checker).checkpoint;
    if (size > this.size)
      throw new InputError(`the log has ${this.size} entries, and had ${size}: its files are older ones`);
    if (!sameHash(this.#stored.root(size, this.size), root))
      throw new InputError(`the log had another tree of ${size} entries: it is forked`);
  }

  #sign({ range }: TreeEnd): Uint8Array {
    const text = checkpointText({ origin: this.key.name, size: range.size, root: range.root() });
    return writeNote({ text, signatures: [signText(text, this.key, this.#signer)] });
  }

  #write(files: Iterable<readonly [string, Uint8Array]>): void {
    if (this.#isBroken) throw new InputError("a write to the log failed: open it again");
    this.#isBroken = true;
    for (const [path, bytes] of files) this.#files.write(path, bytes);
    this.#isBroken = false;
  }
}

const isIn = (number: number, least: number, most: number) =>
  Number.isSafeInteger(number) && number >= least && number <= most;
