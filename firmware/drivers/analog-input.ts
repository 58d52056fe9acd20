import { SettingError } from "../../agent/input-error.js";
import type { Sensor, SensorSample } from "../../agent/ports/sensor.js";

/** ECMA-419's analog input (§11.2), as far as a sensor needs it. */
export interface AnalogSource {
  /** Bits of a reading. */
  readonly resolution: number;
  read(): number;
  close(): void;
}

/** A reading of 0 is `low`, the highest is `high`, in the measured quantity's unit, and between them it is linear. */
export interface AnalogOptions {
  readonly low?: number;
  readonly high?: number;
  /** Readings that are averaged for a sample, 1 to 64; noise of n readings is that of one by the root of n. Default 8. */
  readonly readings?: number;
  /**
   * Whether the two ends of the scale are readings, too, as of a potentiometer. An input that is open, shorted or overloaded reads as
   * one of them, so without this they are failures.
   */
  readonly ends?: boolean;
}

const MOST_READINGS = 64;
/** Less than this between two ends no reading shows: a quantity has nine decimal places at most. */
const LEAST = 1e-9;

/** Throws SettingError for an option with which the input would say the same whatever it reads. */
export function checkAnalog({ low = 0, high = 1, readings = 8, ends = false }: AnalogOptions): void {
  if (!(Number.isInteger(readings) && readings >= 1 && readings <= MOST_READINGS))
    throw new SettingError("readings", `it is not an integer from 1 to ${MOST_READINGS}`);
  // A text would be added as one.
  if (typeof low !== "number" || typeof high !== "number" || !Number.isFinite(high - low))
    throw new SettingError("low, high", "it is not two numbers");
  if (Math.abs(high - low) < LEAST)
    throw new SettingError("low, high", "it is not two ends of a scale: they are the same");
  if (typeof ends !== "boolean") throw new SettingError("ends", "it is not true or false");
}

/** An analog input as a sensor: `{ ratio, quantity }`, the ratio from 0 to 1. */
export class AnalogInput implements Sensor {
  readonly #source: AnalogSource;
  #low = 0;
  #high = 1;
  #readings = 8;
  #ends = false;

  /** `input`: the class of the source, and its options. */
  constructor(options: AnalogOptions & { input: { io: new (options: never) => AnalogSource } }) {
    const { input } = options;
    this.configure(options);
    this.#source = new input.io(input as never);
  }

  get warmUp(): number {
    return 0;
  }

  configure(options: AnalogOptions): void {
    const { low = this.#low, high = this.#high, readings = this.#readings, ends = this.#ends } = options;
    checkAnalog({ low, high, readings, ends });
    this.#low = low;
    this.#high = high;
    this.#readings = readings;
    this.#ends = ends;
  }

  sample(): SensorSample {
    const source = this.#source;
    const full = 2 ** source.resolution - 1;
    const margin = this.#ends ? 0 : 1;
    let sum = 0;
    for (let i = 0; i < this.#readings; i++) {
      const reading = source.read();
      if (!(reading >= margin && reading <= full - margin))
        throw new Error(`analog: ${reading} is an end of the scale of 0 to ${full}, or beyond it`);
      sum += reading;
    }
    const ratio = sum / this.#readings / full;
    return { ratio, quantity: this.#low + ratio * (this.#high - this.#low) };
  }

  close(): void {
    this.#source.close();
  }
}
