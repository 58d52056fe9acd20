import { IMAGE_MAGIC } from "./app-image.js";
import { readPartitionTable, TABLE_AT } from "./partition-table.js";

/** Bytes of flash that firmware needs, and what of it says so. */
export interface FlashNeed {
  readonly bytes: number;
  readonly why: string;
}

/**
 * What parts need: where the last of them ends, where the last partition of their table ends, and what the bootloader was built for, which does not start on
 * less (ESP-IDF, bootloader_flash: "Detected size smaller than the size in the binary image header"; esp_image_format.h: the high half of
 * byte 3 is the power of two, in MB).
 */
export function flashNeed(
  parts: readonly { readonly path: string; readonly offset: number; readonly data: Uint8Array }[],
): FlashNeed {
  const needs = parts.flatMap(({ path, offset, data }): FlashNeed[] => {
    const end = { bytes: offset + data.length, why: `${path} ends at ${hex(offset + data.length)}` };
    if (offset === TABLE_AT)
      return [
        end,
        ...(readPartitionTable(data) ?? []).map(({ name, offset: at, size }) => ({
          bytes: at + size,
          why: `partition "${name}" ends at ${hex(at + size)}`,
        })),
      ];
    if (offset < TABLE_AT && data[0] === IMAGE_MAGIC) {
      const megabytes = 2 ** ((data[3] as number) >> 4);
      return [end, { bytes: megabytes * 2 ** 20, why: `its bootloader is built for ${megabytes} MB` }];
    }
    return [end];
  });
  return needs.reduce((most, need) => (need.bytes > most.bytes ? need : most), { bytes: 0, why: "nothing" });
}

const hex = (value: number) => `0x${value.toString(16)}`;
