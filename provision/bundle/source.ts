import { InputError } from "../../agent/input-error.js";
import { OperationError } from "../events.js";
import { foreign, kindOf } from "./foreign.js";
import { Zip } from "./zip.js";

/** Where a bundle's files are. */
export interface BundleSource {
  /** For messages. */
  readonly name: string;
  /**
   * Undefined where there is no such file. `path`: plain and relative, with slashes. `most`: bytes that it may have; a longer one is not read
   * whole, and refused by throwing OperationError `bundle-damaged`.
   */
  read(path: string, most: number): Promise<Uint8Array | undefined>;
}

/** Of a bundle that is packed, in bytes: more than flash holds of all chips that there are. */
export const MOST_ZIPPED = 64 << 20;

/** A zip whose files are at its top, or all in one folder. Throws OperationError `bundle-damaged` for what is no zip. */
export function bundleFromZip(name: string, bytes: Uint8Array): BundleSource {
  const zip = asked(name, () => {
    if (bytes.length > MOST_ZIPPED) throw new InputError("it is larger than a bundle");
    const known = foreign(name, kindOf(bytes));
    if (known !== undefined) throw known;
    return new Zip(bytes);
  });
  const { names } = zip;
  const top = /^[^/]+\//.exec(names[0] ?? "")?.[0] ?? "";
  const prefix = names.every((path) => path.startsWith(top)) ? top : "";
  return {
    name,
    read: async (path, most) => asked(name, () => zip.read(prefix + path, most)),
  };
}

function asked<T>(name: string, look: () => T): T {
  try {
    return look();
  } catch (error) {
    if (error instanceof OperationError) throw error;
    throw new OperationError(
      "flash",
      "bundle-damaged",
      `${name} is not a zip that can be read: ${(error as Error).message}`,
      "Nothing was written. Copy or download the bundle again.",
    );
  }
}

/** What to throw where a file of a bundle is longer than it may be. */
export const tooLong = (name: string, path: string, most: number) =>
  new OperationError(
    "flash",
    "bundle-damaged",
    `${name}: ${path} is longer than ${most} bytes`,
    "Nothing was written. Copy or download the bundle again.",
  );
