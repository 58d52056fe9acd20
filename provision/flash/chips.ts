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
