import { statSync } from "node:fs";
import { InputError } from "../../agent/input-error.js";
import type { Outcome } from "../../network/enrolment/book.js";
import type { Registry } from "../../network/verify/registry.js";
import { EnrolmentFolder, type FolderNews } from "./enrolment-folder.js";
import { RegistryWatch } from "./registry-watch.js";

/** Where a verifier's registry is, and who may enrol devices. */
export interface RegistryPlace {
  /** A registry file, or a folder of owners' statements. */
  readonly path: string;
  /** Of a folder: left out where its statements say it. */
  readonly network?: string | undefined;
  /** Of a folder: did:key; left out: anybody. */
  readonly owners?: ReadonlySet<string> | undefined;
}

/**
 * What is new: `registry` is in force from now on; it may be the same one, changed. Words say what
 * cannot be taken.
 */
export interface SourceNews {
  readonly registry?: Registry | undefined;
  /** Owners' statements that are in force now, as they were signed. A registry file has none. */
  readonly entered: readonly Uint8Array[];
  readonly words: readonly string[];
}

export interface RegistrySource {
  readonly registry: Registry;
  /** Those of the start. */
  readonly entered: readonly Uint8Array[];
  /** To be called again and again. */
  look(): SourceNews;
  /**
   * Takes one owner's statement, and keeps it durably in the folder (EnrolmentFolder.give). A
   * registry file takes none.
   */
  readonly give?: (statement: Uint8Array) => Outcome;
}

/** Throws InputError where it cannot be used, or the error of a file that is not there. */
export function openRegistrySource(place: RegistryPlace): RegistrySource {
  const { path, network, owners } = place;
  if (!statSync(path).isDirectory()) {
    if (network !== undefined || owners !== undefined)
      throw new InputError(
        "--network and --owner go with a folder of enrolments: a registry file says them itself",
      );
    return openFile(path);
  }
  const { folder, news } = EnrolmentFolder.open(path, { network, owners: owners ?? "any" });
  return {
    registry: folder.book,
    entered: news.entered,
    look: () => newsOf(path, folder),
    give: (statement) => folder.give(statement),
  };
}

function openFile(path: string): RegistrySource {
  const { registry, watch } = RegistryWatch.open(path);
  const none = { entered: [], words: [] };
  return {
    registry,
    entered: [],
    look() {
      const news = watch.look();
      if (news === undefined) return none;
      if ("registry" in news) return { ...none, registry: news.registry };
      return { ...none, words: [`${news.reason}. The registry that was read before stays in force`] };
    },
  };
}

function newsOf(path: string, folder: EnrolmentFolder): SourceNews {
  let news: FolderNews;
  try {
    news = folder.look();
  } catch (error) {
    return { entered: [], words: [`${path}: ${(error as Error).message}`] };
  }
  const words = news.complaints.map(({ file, reason }) => `${file}: not entered: ${reason}`);
  const { entered } = news;
  if (entered.length === 0) return { entered, words };
  const count = `${entered.length} ${entered.length === 1 ? "statement" : "statements"} of owners entered`;
  return { registry: folder.book, entered, words: [`${path}: ${count}`, ...words] };
}
