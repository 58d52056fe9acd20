import chips from "./chips.json";

/** A chip that Fieldmark has boards for. */
export type ChipName = keyof typeof chips;

export interface Chip {
  /** As `--chip` of esptool takes it. */
  readonly name: ChipName;
  /** As manifests of ESP Web Tools say it. */
  readonly family: string;
  /** In the header of images for it (ESP-IDF, esp_chip_id_t). */
  readonly id: number;
  /** Where in flash its ROM looks for the second-stage bootloader (ESP-IDF, "Bootloader"). */
  readonly bootloaderAt: number;
}

/** What builds firmware, scripts/firmware/build.js, reads the same file. */
export const CHIPS = chips as Readonly<Record<ChipName, Chip>>;

/** Chips that esptool-js tells apart and boards of Fieldmark may have, as esptool's `--chip` takes them. */
export const CHIP_NAMES = [
  "esp32",
  "esp32c2",
  "esp32c3",
  "esp32c5",
  "esp32c6",
  "esp32c61",
  "esp32e22",
  "esp32h2",
  "esp32h21",
  "esp32h4",
  "esp32p4",
  "esp32s2",
  "esp32s3",
  "esp32s31",
] as const;
