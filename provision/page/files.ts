import { InputError } from "../../agent/input-error.js";
import { sitePath } from "./site-path.js";

/** Files that a site file may name. */
export interface Files {
  /** Undefined where there is no such file. Throws UnreadableFile, and InputError where it is longer than `most` bytes. */
  read(name: string, most?: number): Promise<Uint8Array | undefined>;
}

/** A file that was chosen, and that the browser does not give: a folder, or one that changed or moved since. */
export class UnreadableFile extends Error {
  constructor(readonly file: string) {
    super(file);
  }
}

/** More than any file of a site has. */
const MOST_BYTES = 64 << 20;

/** The bytes of a file that was chosen. Throws UnreadableFile. */
export async function contentOf(file: File, most = MOST_BYTES): Promise<Uint8Array> {
  if (file.size > most) throw new InputError(`${file.name} is too large`);
  try {
    return new Uint8Array(await file.arrayBuffer());
  } catch {
    throw new UnreadableFile(file.name);
  }
}

/** What was chosen beside a site file. Browsers do not say which folder a file is from, so it goes by its last name. */
export class PickedFiles implements Files {
  readonly #files = new Map<string, File>();

  /** Of files of one name, the last counts. */
  add(files: Iterable<File>): void {
    for (const file of files) this.#files.set(file.name, file);
  }

  clear(): void {
    this.#files.clear();
  }

  async read(name: string, most?: number): Promise<Uint8Array | undefined> {
    const file = this.#files.get(lastOf(name));
    return file === undefined ? undefined : await contentOf(file, most);
  }
}

/** Files beside the page, on the server that it came from. `fieldmark serve` gives them to who shows the token of its address. */
export class ServedFiles implements Files {
  readonly #token: string;

  constructor(token: string) {
    this.#token = token;
  }

  async read(name: string, most = MOST_BYTES): Promise<Uint8Array | undefined> {
    const headers = this.#token === "" ? {} : { authorization: `Bearer ${this.#token}` };
    const response = await fetch(sitePath(name), { headers, cache: "no-store" }).catch(() => undefined);
    return response?.ok ? await bodyOf(response, name, most) : undefined;
  }
}

/** Whatever the server says of its length. */
async function bodyOf(response: Response, name: string, most: number): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  const reader = response.body?.getReader();
  for (let part = await reader?.read(); part !== undefined && !part.done; part = await reader?.read()) {
    bytes += part.value.length;
    if (bytes > most) {
      await reader?.cancel();
      throw new InputError(`${name} is too large`);
    }
    parts.push(part.value);
  }
  return new Uint8Array(await new Blob(parts as Uint8Array<ArrayBuffer>[]).arrayBuffer());
}

const lastOf = (name: string) => name.split(/[\\/]/).at(-1) ?? name;
