import { closeSync, existsSync, readFileSync, rmSync, writeSync } from "node:fs";
import { join, resolve } from "node:path";
import { disownBootRecord } from "../../agent/boot-record.js";
import type { KeyValue } from "../../agent/ports/key-value.js";
import { STORE_KEYS } from "../../agent/ports/store-keys.js";
import { openToChange, replaceFile } from "../../node/files.js";
import { acquireLock } from "../../node/lock.js";
import { createFileFlash, type FileFlash } from "../../node/ports/flash.js";
import { createFileKeyValue, makeFolder } from "../../node/ports/key-value.js";
import { isPrivateKey, newPrivateKey } from "../../node/ports/signer.js";
import { FlashChip } from "./rom/flash-chip.js";

const JOURNAL = "journal.flash";
const JOURNAL_BYTES = 64 * 1024;
const CHIP = "flash.bin";
const KEY = "key";
/** Of a new chip, where nothing else is said. */
export const CHIP_BYTES = 4 << 20;

/** What of a simulated board outlives its power: a folder, which one process has at a time. */
export interface Disk {
  /** Keys and values, as a board has them in NVS, its private key too. */
  readonly store: KeyValue<string>;
  readonly journal: FileFlash;
  /** What is flashed, and what it lies in. */
  readonly chip: FlashChip;
  /** Whether nobody had written to the chip before. */
  readonly isNew: boolean;
  close(): void;
}

/** Sectors of the chip that are bad. Throws InputError where another process has the folder. */
export function openDisk(folder: string, bad: readonly number[] = [], bytes = CHIP_BYTES): Disk {
  makeFolder(resolve(folder));
  const release = acquireLock(join(folder, "board"));
  try {
    const journal = createFileFlash({ size: JOURNAL_BYTES, file: join(folder, JOURNAL) });
    const file = join(folder, CHIP);
    const isNew = !existsSync(file);
    if (isNew) replaceFile(file, new Uint8Array(bytes).fill(0xff));
    const chip = new FlashChip(Uint8Array.from(readFileSync(file)), bad);
    const handle = openToChange(file);
    chip.onChange = (at, bytes) => {
      for (let done = 0; done < bytes.length; )
        done += writeSync(handle, bytes, done, bytes.length - done, at + done);
    };
    return {
      store: createFileKeyValue(join(folder, "nvs")),
      journal,
      chip,
      isNew,
      close() {
        journal.close();
        closeSync(handle);
        release();
      },
    };
  } catch (error) {
    release();
    throw error;
  }
}

/** The board's private key; made where it has none yet: boots that are counted then are another's. Throws Error for what is none. */
export function keyOf({ store }: Disk): Uint8Array {
  const kept = store.get(KEY);
  if (kept !== undefined && !isPrivateKey(kept))
    throw new Error("the board's folder holds something in the place of a key");
  if (kept !== undefined) return kept;
  const key = newPrivateKey();
  disownBootRecord(store);
  store.set(KEY, key);
  return key;
}

/** Deletes all values, as erasing NVS does: the next start makes a new identity. */
export function eraseStore({ store }: Disk): void {
  for (const key of [KEY, ...STORE_KEYS]) store.delete(key);
}

export function eraseJournal({ journal }: Pick<Disk, "journal">): void {
  for (let at = 0; at < journal.size; at += journal.sectorBytes) journal.erase(at);
}

/** For tests: as if the board had never had power. */
export function forgetDisk(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
}
