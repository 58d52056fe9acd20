import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { InputError } from "../../agent/input-error.js";
import { digestText } from "../../network/bytes.js";
import { EnrolmentBook, type Outcome } from "../../network/enrolment/book.js";
import { readStatementClaim } from "../../network/enrolment/read-statement.js";
import { ENROLMENT_SUFFIX, splitDocuments } from "../../network/enrolment/sequence.js";
import { hasher, keyReader, signatureChecker } from "../ports/signer.js";
import { stampOf } from "./file-stamp.js";
import { ReceivedStatements } from "./received-statements.js";

/** Files that are looked at in one look; of more, the others in the next ones. */
const LOOKED_AT = 1000;
/** A longer file is not read. */
const MOST_BYTES = 64 << 20;

/** Something in a file that is not entered. */
export interface Complaint {
  readonly file: string;
  readonly reason: string;
}

export interface FolderNews {
  /** Statements that are in force now and were not before, as they were signed. */
  readonly entered: readonly Uint8Array[];
  /** Each is told once, as long as its file is there. */
  readonly complaints: readonly Complaint[];
}

interface Watched {
  /** As it was when it was read last. */
  stamp: string;
  /**
   * What is told where it still is so at the next look: a file may be one that is being written.
   */
  pending: readonly (Complaint & { readonly key: string })[];
  /** What was told of it: hashes. */
  readonly told: Set<string>;
}

/**
 * A folder into which anybody puts files of owners' statements: `.enrolment`, one statement or
 * several each. It is looked at, not listened to, as a registry file is (registry-watch.ts). What
 * is in it goes into a book; a file that is gone takes nothing out of it.
 */
export class EnrolmentFolder {
  readonly book: EnrolmentBook;
  readonly #path: string;
  readonly #files = new Map<string, Watched>();
  /** Of the folder, when its names were read. */
  #stamp = "";
  #names: readonly string[] = [];
  #next = 0;
  /** Statements that were entered since that was last told, also such as had waited. */
  #entered: Uint8Array[] = [];
  /** Made with the first that is given. */
  #received: ReceivedStatements | undefined;
  /** Ids of statements that were given, are in force, and could not be kept yet. */
  readonly #unkept = new Set<string>();

  private constructor(path: string, network: string, owners: ReadonlySet<string> | "any") {
    this.#path = path;
    this.book = new EnrolmentBook({
      network,
      owners,
      checker: signatureChecker,
      keys: keyReader,
      released: (document, { type }) => {
        if (type === "entered") this.#entered.push(document);
      },
    });
  }

  /**
   * Reads what is there. `network`: left out where all statements there are for one. `owners`: who
   * may enrol. Throws InputError where nothing says which network it is.
   */
  static open(
    path: string,
    { network, owners = "any" }: { network?: string | undefined; owners?: ReadonlySet<string> | "any" },
  ): { folder: EnrolmentFolder; news: FolderNews } {
    const folder = new EnrolmentFolder(path, network ?? networkOf(path), owners);
    return { folder, news: folder.#lookAt(folder.#readNames()) };
  }

  /** To be called again and again. */
  look(): FolderNews {
    const before = new Set(this.#names);
    const added = this.#readNames().filter((name) => !before.has(name));
    const waiting = [...this.#files].flatMap(([name, { pending }]) => (pending.length > 0 ? [name] : []));
    const some = this.#names.slice(this.#next, this.#next + LOOKED_AT);
    this.#next = this.#next + LOOKED_AT < this.#names.length ? this.#next + LOOKED_AT : 0;
    return this.#lookAt([...new Set([...added, ...waiting, ...some])]);
  }

  /**
   * Takes a statement that did not come as a file. One that is in force now, or waits, is kept in
   * the folder, durably, before this returns; the next look tells of it. Throws where it cannot be
   * kept: it is to be given again then.
   */
  give(document: Uint8Array): Outcome {
    this.#received ??= new ReceivedStatements(this.#path);
    if (!this.#received.hasRoomFor(document.length))
      return { type: "refused", code: "full", reason: "there is no room for more statements" };
    const outcome = this.book.receive(document);
    if (outcome.type === "refused") return outcome;
    if (outcome.type === "entered") this.#unkept.add(outcome.id);
    const isDue = this.#unkept.has(outcome.id);
    if (isDue || outcome.type === "waits") this.#received.keep(outcome.id, document);
    if (isDue) this.#entered.push(Uint8Array.from(document));
    this.#unkept.delete(outcome.id);
    return outcome;
  }

  #readNames(): readonly string[] {
    const stamp = stampOf(this.#path);
    if (stamp === this.#stamp) return this.#names;
    this.#names = namesIn(this.#path);
    this.#stamp = stamp;
    const there = new Set(this.#names);
    for (const name of this.#files.keys()) if (!there.has(name)) this.#files.delete(name);
    return this.#names;
  }

  #lookAt(names: readonly string[]): FolderNews {
    const complaints: Complaint[] = [];
    for (const name of names) {
      const file = join(this.#path, name);
      const watched = this.#files.get(name) ?? { stamp: "", pending: [], told: new Set<string>() };
      this.#files.set(name, watched);
      const stamp = stampOf(file);
      if (stamp !== watched.stamp) {
        watched.stamp = stamp;
        watched.pending = this.#read(file);
        continue;
      }
      for (const { key, reason } of watched.pending) {
        if (!watched.told.has(key)) complaints.push({ file, reason });
        watched.told.add(key);
      }
      watched.pending = [];
    }
    const entered = this.#entered;
    this.#entered = [];
    return { entered, complaints };
  }

  /** What is whole in a file that is being written counts already: it is signed. */
  #read(file: string): Watched["pending"] {
    const complaints: Watched["pending"][number][] = [];
    const complain = (key: string, reason: string) => complaints.push({ file, reason, key });
    try {
      const bytes = read(file);
      const { documents, end } = splitDocuments(bytes);
      for (const document of documents) {
        const outcome = this.book.receive(document);
        if (outcome.type === "refused") complain(digestText(document, hasher), outcome.reason);
        if (outcome.type === "entered") this.#entered.push(document);
      }
      if (end < bytes.length) complain(`end ${end}`, `no statement begins at byte ${end}, or it is cut off`);
    } catch (error) {
      complain("unread", (error as Error).message);
    }
    return complaints;
  }
}

const namesIn = (path: string): string[] =>
  readdirSync(path)
    .filter((name) => name.endsWith(ENROLMENT_SUFFIX))
    .sort();

function read(file: string): Uint8Array {
  const bytes = readFileSync(file);
  if (bytes.length > MOST_BYTES) throw new InputError(`it has more than ${MOST_BYTES} bytes`);
  return Uint8Array.from(bytes);
}

/** The one network that statements in the folder are for. Throws InputError. */
function networkOf(path: string): string {
  const networks = new Set<string>();
  for (const name of namesIn(path))
    for (const document of documentsOf(join(path, name))) {
      try {
        networks.add(readStatementClaim(document, signatureChecker).statement.network);
      } catch {
        // What is none is told when it is entered.
      }
    }
  const [network, ...others] = networks;
  if (network !== undefined && others.length === 0) return network;
  const found = network === undefined ? "no network" : "several networks";
  throw new InputError(`${path} has statements for ${found}: name one with --network`);
}

function documentsOf(file: string): readonly Uint8Array[] {
  try {
    return splitDocuments(read(file)).documents;
  } catch {
    return [];
  }
}
