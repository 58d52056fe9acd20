import type { SensorSample } from "../../agent/ports/sensor.js";
import type { I2cBus } from "./on-bus.js";
import { within } from "./range.js";

/** Datasheet SHT3x-DIS §4.12, table 20; datasheet SHTC3 §5.10, table 14. */
const POLYNOMIAL = 0x31;
const INITIAL = 0xff;

/** Both: datasheet SHT3x-DIS §1, tables 1 and 2; datasheet SHTC3 §1, tables 1 and 2. Degrees Celsius; percent. */
const COLDEST = -40;
const HOTTEST = 125;
const WETTEST = 100;

export function command(io: I2cBus, word: number): void {
  io.write(Uint8Array.of(word >> 8, word & 0xff));
}

/** Words, each of which its checksum confirms: a bus that is held low or high has none. Throws where one is missing. */
export function readWords(io: I2cBus, sensor: string, count: number): number[] {
  const bytes = new Uint8Array(3 * count);
  io.read(bytes);
  const words: number[] = [];
  for (let at = 0; at < bytes.length; at += 3) {
    if (checksum(bytes, at) !== bytes[at + 2]) throw new Error(`${sensor}: a checksum is wrong`);
    words.push(((bytes[at] as number) << 8) | (bytes[at + 1] as number));
  }
  return words;
}

/** Temperature, then humidity; `full`: the divisor of the data sheet's formulas. */
export function climate([temperature = 0, humidity = 0]: readonly number[], full: number): SensorSample {
  return {
    thermometer: { temperature: within("temperature", (175 * temperature) / full - 45, COLDEST, HOTTEST) },
    hygrometer: { humidity: within("humidity", (100 * humidity) / full, 0, WETTEST) },
  };
}

/** Of the two bytes from `at` on. */
function checksum(bytes: Uint8Array, at: number): number {
  let crc = INITIAL;
  for (let i = at; i < at + 2; i++) {
    crc ^= bytes[i] as number;
    for (let bit = 0; bit < 8; bit++) crc = ((crc << 1) ^ (crc & 0x80 ? POLYNOMIAL : 0)) & 0xff;
  }
  return crc;
}
