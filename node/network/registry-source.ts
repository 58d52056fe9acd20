import { statSync } from "node:fs";
import { InputError } from "../../agent/input-error.js";
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
  readonly words: readonly string[];
}

export interface RegistrySource {
  readonly registry: Registry;
  /** To be called again and again. */
  look(): SourceNews;
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
  const { folder } = EnrolmentFolder.open(path, { network, owners: owners ?? "any" });
  return { registry: folder.book, look: () => newsOf(path, folder) };
}

function openFile(path: string): RegistrySource {
  const { registry, watch } = RegistryWatch.open(path);
  return {
    registry,
    look() {
      const news = watch.look();
      if (news === undefined) return { words: [] };
      if ("registry" in news) return { registry: news.registry, words: [] };
      return { words: [`${news.reason}. The registry that was read before stays in force`] };
    },
  };
}

function newsOf(path: string, folder: EnrolmentFolder): SourceNews {
  let news: FolderNews;
  try {
    news = folder.look();
  } catch (error) {
    return { words: [`${path}: ${(error as Error).message}`] };
  }
  const words = news.complaints.map(({ file, reason }) => `${file}: not entered: ${reason}`);
  if (news.entered === 0) return { words };
  const count = `${news.entered} ${news.entered === 1 ? "statement" : "statements"} of owners entered`;
  return { registry: folder.book, words: [`${path}: ${count}`, ...words] };
}
