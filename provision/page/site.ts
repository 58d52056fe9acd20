import type { ReadingOptions } from "../operations/reading.js";
import { enrolledSensors, rangesOf } from "../site/ranges.js";
import { settingsOf } from "../site/settings.js";
import { readSite } from "../site/site.js";
import type { Files } from "./files.js";

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
  const settings = await settingsOf(site, async (name) => {
    const content = await files.read(name);
    if (content === undefined) throw new MissingFile(name);
    return content;
  });
  return {
    name: site.site.name,
    network: site.site.network,
    ssid: site.wifi?.ssid,
    bundle: site.firmware?.bundle,
    signer: site.firmware?.signer,
    owner: site.owner && { did: site.owner.did },
    brokers: site.brokers?.map(({ host }) => host) ?? [],
    settings,
    ranges: (quantities) => rangesOf(enrolledSensors(quantities, site)),
  };
}
