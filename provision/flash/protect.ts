import { OperationError } from "../events.js";
import { holdsIdentity, isJournal, type Partition } from "./partition-table.js";

export interface FlashRange {
  readonly offset: number;
  readonly size: number;
}

/** Where ESP-IDF's examples have it: what is protected where neither board nor bundle has a table. */
const DEFAULT_NVS: Partition = { name: "nvs", type: 1, subtype: 2, offset: 0x9000, size: 0x6000 };
const SECTOR = 0x1000;

/** The words that one types to erase a board's identity. */
export function eraseWords(mac: string): string {
  return `ERASE ${mac}`;
}

/**
 * What of the flash holds the identity: by the table on the board, where it has one, and by the bundle's. `isBlank` says of a
 * range whether it is erased: then nothing can be lost there.
 *
 * Throws OperationError `identity-partition` where one of `writes` (bytes; whole sectors are erased) overlaps such a partition,
 * or the bundle's table has it elsewhere, so that new firmware would not find the key.
 */
export async function protectIdentity(
  mac: string,
  writes: readonly FlashRange[],
  onBoard: readonly Partition[] | undefined,
  inBundle: readonly Partition[] | undefined,
  isBlank: (range: FlashRange) => Promise<boolean>,
): Promise<void> {
  const known = onBoard ?? inBundle ?? [DEFAULT_NVS];
  for (const partition of known.filter(holdsIdentity)) {
    const reason = overwritten(partition, writes) ?? (onBoard && moved(partition, inBundle));
    if (reason === undefined || (await isBlank(partition))) continue;
    throw new OperationError(
      "flash",
      "identity-partition",
      `partition "${partition.name}" may hold this board's identity key, and ${reason}`,
      `Nothing was written. A board that loses its key is another device for ever. If you want that: --erase-identity "${eraseWords(mac)}"`,
    );
  }
}

/** The ranges that hold an identity, by either table, and its journal: beside that of another a new one signs nothing. */
export function identityRanges(
  onBoard: readonly Partition[] | undefined,
  inBundle: readonly Partition[] | undefined,
): readonly FlashRange[] {
  return [...(onBoard ?? []), ...(inBundle ?? [])].filter(
    (partition) => holdsIdentity(partition) || isJournal(partition),
  );
}

function overwritten(partition: Partition, writes: readonly FlashRange[]): string | undefined {
  const end = partition.offset + partition.size;
  const found = writes.find(
    ({ offset, size }) =>
      offset - (offset % SECTOR) < end && Math.ceil((offset + size) / SECTOR) * SECTOR > partition.offset,
  );
  return found && `the part at 0x${found.offset.toString(16)} would overwrite it`;
}

function moved(partition: Partition, table: readonly Partition[] | undefined): string | undefined {
  if (table === undefined) return undefined;
  const same = table.find(
    ({ type, subtype, offset, size }) =>
      type === partition.type &&
      subtype === partition.subtype &&
      offset === partition.offset &&
      size >= partition.size,
  );
  return same === undefined ? "the new firmware has it elsewhere" : undefined;
}
