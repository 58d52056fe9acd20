import { sitePath } from "./site-path.js";

/** Files that a site file may name. */
export interface Files {
  /** Undefined where there is no such file. */
  read(name: string): Promise<Uint8Array | undefined>;
}

/** More than any file of a site has. */
const MOST_BYTES = 64 << 20;

/** What the person has picked or dropped. Browsers do not say which folder a file is from, so it goes by its last name. */
export class PickedFiles implements Files {
  readonly #files = new Map<string, File>();

  add(files: Iterable<File>): void {
    for (const file of files) this.#files.set(file.name, file);
  }

  named(end: string): File | undefined {
    return [...this.#files.values()].find(({ name }) => name.toLowerCase().endsWith(end));
  }

  async read(name: string): Promise<Uint8Array | undefined> {
    const file = this.#files.get(lastOf(name));
    if (file === undefined) return undefined;
    if (file.size > MOST_BYTES) throw new RangeError(`${file.name} is too large`);
    return new Uint8Array(await file.arrayBuffer());
  }
}

/** Files beside the page, on the server that it came from. `fieldmark serve` gives them to who shows the token of its address. */
export class ServedFiles implements Files {
  readonly #token: string;

  constructor(token: string) {
    this.#token = token;
  }

  async read(name: string): Promise<Uint8Array | undefined> {
    const headers = this.#token === "" ? {} : { authorization: `Bearer ${this.#token}` };
    const response = await fetch(sitePath(name), { headers, cache: "no-store" }).catch(() => undefined);
    return response?.ok ? new Uint8Array(await response.arrayBuffer()) : undefined;
  }
}

const lastOf = (name: string) => name.split(/[\\/]/).at(-1) ?? name;
