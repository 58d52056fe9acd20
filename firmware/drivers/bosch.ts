import Timer from "timer";
import { InputError } from "../../agent/input-error.js";
import type { Sensor, SensorSample } from "../../agent/ports/sensor.js";
import type { I2cBus, OnBus } from "./on-bus.js";
import { within } from "./range.js";

/** Oversampling by its code: 0 off, 1 to 5 for 1, 2, 4, 8 and 16 times. */
export interface BoschOptions {
  readonly oversampling?: number;
}

/** What tells one from the other. Register numbers and codes are the same in both (BST-BME280-DS001, BST-BMP280-DS001). */
export interface BoschChip {
  readonly name: string;
  readonly id: number;
  /** Bytes of data from 0xf7 on. */
  readonly bytes: number;
}

// BST-BME280-DS001 §5.3, table 18.
const ID = 0xd0;
const RESET = 0xe0;
const STATUS = 0xf3;
const CTRL_MEAS = 0xf4;
const CONFIG = 0xf5;
const DATA = 0xf7;

/** §5.4.2. */
const RESET_WORD = 0xb6;
/** §5.4.4: while the trimming parameters are copied, and while it measures. */
const BUSY = 0b1001;
/** §5.4.5: one measurement, then sleep again. */
const FORCED = 1;
/** §5.4.7 to §5.4.9: the reset state, and what is there where something was not measured; 20 bits, and 16 of humidity. */
const NO_VALUE = 0x80000;
const NO_HUMIDITY = 0x8000;
/** §1.1, table 1: 2 ms after power or reset. */
const START_UP = 2;
/** Milliseconds that a measurement may take; 16 times each takes 112.8 (§9.1). */
const LONGEST = 150;
/** They are values, too, near 26 Cel, 820 hPa or 60 %: but not three times one after another. */
const TRIES = 3;

/** §1.1 and §1.2, tables 1 to 3: the ranges in which they measure. Degrees Celsius; pascal. */
export const COLDEST = -40;
export const HOTTEST = 85;
export const LOWEST = 30_000;
export const HIGHEST = 110_000;

/**
 * A Bosch sensor of pressure over I2C. Each sample is a measurement of its own (forced mode, no
 * filter): the sensor sleeps in between, and does not warm itself. After a failure it is set up
 * from the start: it may have lost its power, or be another one.
 */
export abstract class BoschSensor implements Sensor {
  readonly #io: I2cBus;
  readonly #chip: BoschChip;
  readonly #pair = new Uint8Array(2);
  readonly #data: Uint8Array;
  #oversampling: number;
  #isStarted = false;

  /** Throws where no such sensor answers; the bus is closed then. */
  constructor({ sensor }: OnBus<I2cBus>, chip: BoschChip, oversampling: number) {
    this.#io = new sensor.io({ hz: 400_000, address: 0x76, ...sensor } as never);
    this.#chip = chip;
    this.#data = new Uint8Array(chip.bytes);
    this.#oversampling = oversampling;
  }

  get warmUp(): number {
    return 0;
  }

  configure({ oversampling = this.#oversampling }: BoschOptions): void {
    if (!(Number.isInteger(oversampling) && oversampling >= 1 && oversampling <= 5))
      throw new InputError(`oversampling: ${oversampling} is not a code from 1 to 5`);
    this.#oversampling = oversampling;
  }

  sample(): SensorSample {
    if (!this.#isStarted) this.start();
    this.#isStarted = false;
    const sample = this.measure(this.#oversampling);
    this.#isStarted = true;
    return sample;
  }

  close(): void {
    this.#io.close();
  }

  /** The trimming parameters are there to be read. */
  protected abstract readTrimming(): void;
  protected abstract measure(oversampling: number): SensorSample;

  /** What a constructor ends with. */
  protected open(): void {
    try {
      this.start();
    } catch (error) {
      this.#io.close();
      throw error;
    }
  }

  /** Bytes from 0xf7 on, of a measurement that was made now. */
  protected measured(oversampling: number): Uint8Array {
    const data = this.#data;
    for (let tries = 0; tries < TRIES; tries++) {
      this.write(CTRL_MEAS, (oversampling << 5) | (oversampling << 2) | FORCED);
      this.wait();
      this.read(DATA, data);
      if (raw20(data, 0) !== NO_VALUE && raw20(data, 3) !== NO_VALUE && !isDry(data)) return data;
    }
    throw new Error(`${this.#chip.name}: nothing was measured`);
  }

  protected read(register: number, into: Uint8Array): Uint8Array {
    this.#io.write(Uint8Array.of(register));
    this.#io.read(into);
    return into;
  }

  protected write(register: number, value: number): void {
    this.#pair[0] = register;
    this.#pair[1] = value;
    this.#io.write(this.#pair);
  }

  private start(): void {
    const { name, id } = this.#chip;
    const said = this.read(ID, new Uint8Array(1))[0];
    if (said !== id) throw new Error(`no ${name.toUpperCase()}: the chip says ${said}`);
    this.write(RESET, RESET_WORD);
    Timer.delay(START_UP);
    this.wait();
    this.readTrimming();
    this.write(CONFIG, 0);
    this.#isStarted = true;
  }

  private wait(): void {
    for (let waited = 0; (this.read(STATUS, this.#pair.subarray(0, 1))[0] as number) & BUSY; waited++) {
      if (waited >= LONGEST) throw new Error(`${this.#chip.name}: busy for ${LONGEST} ms`);
      Timer.delay(1);
    }
  }
}

/** 20 bits from `at` on (§5.4.7, §5.4.8). */
export function raw20(data: Uint8Array, at: number): number {
  const byte = (index: number) => data[index] as number;
  return (byte(at) << 12) | (byte(at + 1) << 4) | (byte(at + 2) >> 4);
}

function isDry(data: Uint8Array): boolean {
  return data.length > 6 && (((data[6] as number) << 8) | (data[7] as number)) === NO_HUMIDITY;
}

/** The upper 16 bits of a value, which must not be those of a bus that is held low or high, nor of a converter at its end. */
export function checkRaw(chip: string, bits: number): void {
  if (bits === 0 || bits === 0xffff) throw new Error(`${chip}: its data are all zeros or all ones`);
}

/** No bus that is held low or high, and no divisor of 0: T1 and P1 are factory values, never at their ends. */
export function checkTrimming(chip: string, ...blocks: readonly Uint8Array[]): void {
  for (const block of blocks)
    if (block.every((byte) => byte === block[0]))
      throw new Error(`${chip}: its trimming parameters are all the same byte`);
  const [first = new Uint8Array(8)] = blocks;
  for (const at of [0, 6])
    checkRaw(`${chip}: trimming`, (first[at] as number) | ((first[at + 1] as number) << 8));
}

export function air({ temperature, pressure }: { readonly temperature: number; readonly pressure: number }) {
  return {
    thermometer: { temperature: within("temperature", temperature, COLDEST, HOTTEST) },
    barometer: { pressure: within("pressure", pressure, LOWEST, HIGHEST) },
  };
}
