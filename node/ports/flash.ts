import { closeSync, existsSync, fdatasyncSync, fstatSync, readSync, writeSync } from "node:fs";
import { InputError } from "../../agent/input-error.js";
import type { Flash } from "../../agent/ports/flash.js";
import { openToChange, replaceFile } from "../files.js";

export interface FlashGeometry {
  /** Bytes in all, a whole number of sectors. */
  readonly size: number;
  /** Bytes of a sector; 4,096 if left out, as on ESP32 boards. */
  readonly sectorBytes?: number;
  /** Bytes of the smallest piece that can be programmed, 1 to 32; 4 if left out, as on ESP32 boards. */
  readonly programBytes?: number;
}

/** A flash that holds something of its host. It must not be used after `close`. */
export interface FileFlash extends Flash {
  close(): void;
}

const SECTOR_BYTES = 4096;
const PROGRAM_BYTES = 4;
const MAX_PROGRAM_BYTES = 32;
const ERASED = 0xff;

/** The bytes under a flash: addresses are checked already, and a change is durable when it returns. */
interface Store {
  read(address: number, into: Uint8Array): void;
  write(address: number, bytes: Uint8Array): void;
  /** Sets a sector to 0xff. */
  erase(address: number, bytes: number): void;
}

/**
 * Flash in memory, erased, which takes memory for those sectors only that are not erased. `bytes` gives the content
 * instead, and keeps it: handed to the next board, it is what this one has left behind.
 */
export function createMemoryFlash(geometry: FlashGeometry & { readonly bytes?: Uint8Array }): Flash {
  checkGeometry(geometry);
  const { bytes, size, sectorBytes = SECTOR_BYTES } = geometry;
  if (bytes === undefined) return createFlash(geometry, sparse(sectorBytes));
  if (bytes.length !== size) throw new RangeError(`bytes: expected ${size}, found ${bytes.length}`);
  return createFlash(geometry, {
    read: (address, into) => into.set(bytes.subarray(address, address + into.length)),
    write: (address, data) => bytes.set(data, address),
    erase: (address, length) => void bytes.fill(ERASED, address, address + length),
  });
}

function sparse(sectorBytes: number): Store {
  const sectors = new Map<number, Uint8Array>();
  const split = (
    address: number,
    length: number,
    visit: (sector: number, from: number, at: number, bytes: number) => void,
  ) => {
    for (let at = 0; at < length; ) {
      const from = (address + at) % sectorBytes;
      const bytes = Math.min(sectorBytes - from, length - at);
      visit(address + at - from, from, at, bytes);
      at += bytes;
    }
  };
  return {
    read: (address, into) =>
      split(address, into.length, (sector, from, at, length) => {
        const bytes = sectors.get(sector);
        if (bytes === undefined) into.fill(ERASED, at, at + length);
        else into.set(bytes.subarray(from, from + length), at);
      }),
    write: (address, data) =>
      split(address, data.length, (sector, from, at, length) => {
        let bytes = sectors.get(sector);
        if (bytes === undefined) {
          bytes = new Uint8Array(sectorBytes).fill(ERASED);
          sectors.set(sector, bytes);
        }
        bytes.set(data.subarray(at, at + length), from);
      }),
    erase: (address) => void sectors.delete(address),
  };
}

/**
 * Flash in a file, made and erased where it is missing. Throws InputError where the file has another size. A power
 * cut inside `program` or `erase` leaves any part of it done, as on a chip.
 */
export function createFileFlash(geometry: FlashGeometry & { readonly file: string }): FileFlash {
  checkGeometry(geometry);
  const { file, size } = geometry;
  if (!existsSync(file)) replaceFile(file, new Uint8Array(size).fill(ERASED));
  const handle = openToChange(file);
  const found = fstatSync(handle).size;
  if (found !== size) {
    closeSync(handle);
    throw new InputError(`file: ${file} has ${found} bytes, not ${size}`);
  }
  const write = (address: number, data: Uint8Array) => {
    for (let at = 0; at < data.length; ) at += writeSync(handle, data, at, data.length - at, address + at);
    fdatasyncSync(handle);
  };
  const flash = createFlash(geometry, {
    read(address, into) {
      for (let at = 0; at < into.length; ) {
        const bytes = readSync(handle, into, at, into.length - at, address + at);
        if (bytes === 0) throw new Error(`${file} was cut short at byte ${address + at}`);
        at += bytes;
      }
    },
    write,
    erase: (address, bytes) => write(address, new Uint8Array(bytes).fill(ERASED)),
  });
  return { ...flash, close: () => closeSync(handle) };
}

function createFlash(
  { size, sectorBytes = SECTOR_BYTES, programBytes = PROGRAM_BYTES }: FlashGeometry,
  store: Store,
): Flash {
  const check = (address: number, bytes: number) => {
    if (!Number.isSafeInteger(address) || address < 0 || address + bytes > size)
      throw new RangeError(`address: ${bytes} bytes from ${address} are not inside 0 to ${size}`);
  };
  return {
    size,
    sectorBytes,
    programBytes,
    read(address, into) {
      check(address, into.length);
      store.read(address, into);
    },
    program(address, data) {
      check(address, data.length);
      if (address % programBytes !== 0 || data.length % programBytes !== 0)
        throw new RangeError(
          `address: ${data.length} bytes from ${address} are no whole pieces of ${programBytes} bytes`,
        );
      const bytes = new Uint8Array(data.length);
      store.read(address, bytes);
      for (let i = 0; i < bytes.length; i++) bytes[i] = (bytes[i] as number) & (data[i] as number);
      store.write(address, bytes);
    },
    erase(address) {
      check(address, sectorBytes);
      if (address % sectorBytes !== 0)
        throw new RangeError(`address: ${address} is not the start of a sector of ${sectorBytes} bytes`);
      store.erase(address, sectorBytes);
    },
  };
}

/** Throws RangeError, naming the member, for what no flash can be. */
export function checkGeometry({
  size,
  sectorBytes = SECTOR_BYTES,
  programBytes = PROGRAM_BYTES,
}: FlashGeometry): void {
  if (!Number.isSafeInteger(sectorBytes) || sectorBytes < 1)
    throw new RangeError(`sectorBytes: an integer of at least 1, not ${sectorBytes}`);
  if (!Number.isSafeInteger(size) || size < sectorBytes || size % sectorBytes !== 0)
    throw new RangeError(`size: a whole number of sectors of ${sectorBytes} bytes, not ${size}`);
  if (!Number.isSafeInteger(programBytes) || programBytes < 1 || programBytes > MAX_PROGRAM_BYTES)
    throw new RangeError(`programBytes: an integer from 1 to ${MAX_PROGRAM_BYTES}, not ${programBytes}`);
  if (sectorBytes % programBytes !== 0)
    throw new RangeError(
      `programBytes: sectors of ${sectorBytes} bytes have no whole pieces of ${programBytes}`,
    );
}
