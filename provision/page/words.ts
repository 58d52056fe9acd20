/** `ESP32-C3`, as it stands on the board, of `esp32c3`. */
export function chipFamily(chip: string): string {
  return chip.toUpperCase().replace(/^ESP32(?=.)/, "ESP32-");
}
