import { InputError } from "../../agent/input-error.js";
import { decodeText } from "../../text/decode.js";
import { listedNames, numberedNames } from "../names/board-names.js";
import { parsePlaces } from "../names/places-csv.js";
import type { ReadingOptions } from "../operations/reading.js";
import { enrolledSensors, rangesOf } from "../site/ranges.js";
import { settingsOf } from "../site/settings.js";
import { readSite, type Site } from "../site/site.js";
import type { Files } from "./files.js";
import type { Naming } from "./names.js";

/** A site file, with the files that it names read. */
export interface LoadedSite {
  readonly name: string;
  readonly network: string;
  /** The network that is picked at first. */
  readonly ssid: string | undefined;
  readonly bundle: string | undefined;
  /** did:key of who may sign firmware. */
  readonly signer: string | undefined;
  readonly brokers: readonly string[];
  /** Undefined where the file names none; without `did` where it names only the file of the key, which does not belong here. */
  readonly owner: { readonly did?: string | undefined } | undefined;
  /** As agent/settings takes them. Holds passwords of brokers. */
  readonly settings: object;
  /** Undefined: boards keep the name that they have. */
  readonly naming: Naming | undefined;
  /** What is believed of the first reading. */
  readonly ranges: NonNullable<ReadingOptions["ranges"]>;
}

/** A file that the site file names is not among those that were picked. */
export class MissingFile extends Error {
  constructor(readonly file: string) {
    super(file);
  }
}

/** Throws MissingFile, or OperationError or TypeError where it cannot be used. */
export async function loadSite(bytes: Uint8Array, files: Files): Promise<LoadedSite> {
  const site = readSite(bytes, "site.toml");
  const read = async (name: string) => {
    const content = await files.read(name);
    if (content === undefined) throw new MissingFile(name);
    return content;
  };
  const settings = await settingsOf(site, read);
  return {
    name: site.site.name,
    network: site.site.network,
    ssid: site.wifi?.ssid,
    bundle: site.firmware?.bundle,
    signer: site.firmware?.signer,
    owner: site.owner && { did: site.owner.did },
    brokers: site.brokers?.map(({ host }) => host) ?? [],
    settings,
    naming: await namingOf(site, read),
    ranges: (quantities) => rangesOf(enrolledSensors(quantities, site)),
  };
}

/** As a batch at the command line names its boards. */
async function namingOf(
  { batch = {} }: Pick<Site, "batch">,
  read: (name: string) => Promise<Uint8Array>,
): Promise<Naming | undefined> {
  const { name, first, names_file: file, ask_names: asks } = batch;
  if (name !== undefined) return numberedNames(name, first);
  if (file !== undefined) return listedNames(parsePlaces(textOf(file, await read(file)), file), file);
  return asks ? "asked" : undefined;
}

function textOf(file: string, bytes: Uint8Array): string {
  try {
    return decodeText(bytes);
  } catch (error) {
    throw new InputError(`${file}: ${(error as Error).message}`);
  }
}
