import { type AppImage, readAppImage } from "../../../provision/flash/app-image.js";
import {
  APP_FACTORY,
  APP_OTA_0,
  DATA_OTA,
  type Partition,
  readPartitionTable,
  TABLE_AT,
  TABLE_BYTES,
  TYPE_APP,
  TYPE_DATA,
} from "../../../provision/flash/partition-table.js";
import type { ChipModel } from "./chips.js";
import type { FlashChip } from "./flash-chip.js";

/** What a chip starts from its flash, or why it does not. */
export type Boot = { readonly app: AppImage; readonly partition: Partition } | { readonly failure: string };

const SELECT_BYTES = 0x1000;

/**
 * What ESP-IDF's bootloader does: the bootloader itself must be whole, then the table; then the slot that the OTA data
 * selects, and where that is not whole the others, in order.
 */
export function bootFrom(flash: FlashChip, chip: ChipModel): Boot {
  const bootloader = readAppImage(flash.bytes.subarray(chip.bootloaderAt, TABLE_AT));
  if (bootloader === undefined || bootloader.chip !== chip.id)
    return { failure: "invalid header: 0xffffffff" };
  const table = readPartitionTable(flash.bytes.subarray(TABLE_AT, TABLE_AT + TABLE_BYTES));
  if (table === undefined) return { failure: "E (20) boot: load partition table error!" };
  for (const partition of bootOrder(table, flash)) {
    const app = readAppImage(flash.bytes.subarray(partition.offset, partition.offset + partition.size));
    if (app !== undefined && app.chip === chip.id && app.project !== "") return { app, partition };
  }
  return { failure: "E (40) boot: No bootable app partitions in the partition table" };
}

function bootOrder(table: readonly Partition[], flash: FlashChip): Partition[] {
  const apps = table.filter(({ type }) => type === TYPE_APP);
  const slots = apps.filter(({ subtype }) => subtype >= APP_OTA_0 && subtype < APP_OTA_0 + 16);
  const factory = apps.filter(({ subtype }) => subtype === APP_FACTORY);
  const data = table.find(({ type, subtype }) => type === TYPE_DATA && subtype === DATA_OTA);
  const sequence =
    data === undefined ? 0 : selected(flash.bytes.subarray(data.offset, data.offset + data.size));
  if (sequence === 0 || slots.length === 0) return [...factory, ...slots];
  const index = (sequence - 1) % slots.length;
  return [...slots.slice(index), ...slots.slice(0, index), ...factory];
}

/** The higher of two sequence numbers that are there (esp_ota_select_entry_t: number, label, state, CRC of the number). */
function selected(data: Uint8Array): number {
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  let highest = 0;
  for (let at = 0; at + 32 <= data.length; at += SELECT_BYTES) {
    const sequence = view.getUint32(at, true);
    if (sequence !== 0xffffffff && view.getUint32(at + 28, true) === crc32(data.subarray(at, at + 4)))
      highest = Math.max(highest, sequence);
  }
  return highest;
}

/** As the ROM computes it, from all ones: CRC-32 of IEEE 802.3, reflected. */
function crc32(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  }
  return ~crc >>> 0;
}
