import { unzipSync } from "fflate";
import { OperationError } from "../events.js";
import { foreign, kindOf } from "./foreign.js";

/** Where a bundle's files are. */
export interface BundleSource {
  /** For messages. */
  readonly name: string;
  /** Undefined where there is no such file. `path`: plain and relative, with slashes. */
  read(path: string): Promise<Uint8Array | undefined>;
}

/** Of a bundle, packed or not, in bytes. */
const MOST_BYTES = 64 << 20;
/** Files of it. */
const MOST_FILES = 256;

/** A zip whose files are at its top, or all in one folder. Throws OperationError `bundle-damaged` for what is no zip. */
export function bundleFromZip(name: string, zip: Uint8Array): BundleSource {
  let files: Record<string, Uint8Array>;
  let bytes = 0;
  let count = 0;
  try {
    files = unzipSync(zip, {
      filter: ({ originalSize }) => {
        bytes += originalSize;
        count++;
        if (bytes > MOST_BYTES || count > MOST_FILES) throw new RangeError("more than a bundle holds");
        return true;
      },
    });
  } catch (error) {
    const known = foreign(name, kindOf(zip));
    if (known !== undefined) throw known;
    throw new OperationError(
      "flash",
      "bundle-damaged",
      `${name} is not a zip that can be read: ${(error as Error).message}`,
      "Copy or download the bundle again.",
    );
  }
  const paths = Object.keys(files);
  const top = /^[^/]+\//.exec(paths[0] ?? "")?.[0] ?? "";
  const prefix = paths.every((path) => path.startsWith(top)) ? top : "";
  return {
    name,
    async read(path) {
      const key = prefix + path;
      return Object.hasOwn(files, key) ? files[key] : undefined;
    },
  };
}

/** Files beside a URL, as a page has them. `url`: of the folder or of its manifest.json. */
export function bundleFromUrl(url: string): BundleSource {
  const base = new URL(url.endsWith("manifest.json") || url.endsWith("/") ? url : `${url}/`);
  return {
    name: base.href,
    async read(path) {
      const response = await fetch(new URL(path, base));
      if (response.status === 404) return undefined;
      if (!response.ok)
        throw new OperationError("flash", "file", `${path}: the server says ${response.status}`);
      return new Uint8Array(await response.arrayBuffer());
    },
  };
}
