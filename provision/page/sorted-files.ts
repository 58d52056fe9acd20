/** How files came: by the button of the site file, by that of the firmware, or dropped anywhere. */
export type Way = "site" | "bundle" | "drop";

export interface SortedFiles {
  readonly site: File | undefined;
  readonly bundle: File | undefined;
  /** What a site file may name. */
  readonly others: readonly File[];
}

/** A name that says `.toml`; Windows hides it, and editors there put `.txt` behind. */
const isSite = ({ name }: File) => /\.toml(\.txt)?$/i.test(name);
/** A bundle; or what is taken for one, and must be told so: firmware alone, the manifest of ESP Web Tools. */
const isFirmware = ({ name }: File) => /\.(zip|bin)$|(^|\W)manifest[^/]*\.json$/i.test(name);

/** What was chosen or dropped at one time; of several of a kind the last counts. */
export function sorted(files: readonly File[], way: Way): SortedFiles {
  const sites = way === "bundle" ? [] : files.filter(isSite);
  const bundles = way === "bundle" ? files : files.filter(isFirmware);
  const others = files.filter((file) => !sites.includes(file) && !bundles.includes(file));
  return { site: sites.at(-1), bundle: bundles.at(-1), others };
}
