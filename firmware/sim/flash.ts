import { InputError } from "../../agent/input-error.js";
import { CheckedFlash } from "../ports/flash.js";
import { type File, files, openExisting, replaceFile } from "./files.js";

/** Sectors, and bytes of each. */
export interface FileGeometry {
  readonly sectors: number;
  readonly sectorBytes: number;
}

/**
 * NOR flash in a file, flushed at every change. A process killed inside `program` or `erase` leaves any part of it done, as a chip
 * whose power is cut does.
 */
export class FileFlash extends CheckedFlash {
  readonly #path: string;
  readonly #file: File;

  /** Makes the file, erased, where it is missing. Throws InputError that names it where it has another size. */
  constructor(path: string, geometry: FileGeometry) {
    super(geometry.sectors * geometry.sectorBytes, geometry.sectorBytes);
    const file = openExisting(path, "r+") ?? createErased(path, geometry);
    const found = file.status().size;
    if (found !== this.size) {
      file.close();
      throw new InputError(
        `${path}: has ${found} bytes, not ${this.size}: it is no journal of this firmware`,
      );
    }
    this.#path = path;
    this.#file = file;
  }

  protected override readBytes(address: number, into: Uint8Array): void {
    const read = this.#file.read(into, address);
    if (read !== into.length) throw new Error(`${this.#path}: cut short at byte ${address + read}`);
  }

  protected override programPieces(address: number, data: Uint8Array): void {
    const bytes = new Uint8Array(data.length);
    this.readBytes(address, bytes);
    for (let i = 0; i < bytes.length; i++) bytes[i] = (bytes[i] as number) & (data[i] as number);
    this.write(address, bytes);
  }

  protected override eraseSector(address: number): void {
    this.write(address, erased(this.sectorBytes));
  }

  private write(address: number, bytes: Uint8Array): void {
    this.#file.write(bytes, address);
    this.#file.flush();
  }
}

const erased = (length: number) => new Uint8Array(length).fill(0xff);

/** Whole or not at all. */
function createErased(path: string, { sectors, sectorBytes }: FileGeometry): File {
  const sector = erased(sectorBytes);
  replaceFile(path, (file) => {
    for (let i = 0; i < sectors; i++) file.write(sector, i * sectorBytes);
  });
  return files.openFile({ path, mode: "r+" });
}
