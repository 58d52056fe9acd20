import Timer from "timer";
import type { Sensor, SensorSample } from "../../agent/ports/sensor.js";
import { compensate, readTrimming, type Trimming } from "./bme280-compensation.js";

/** ECMA-419's I2C (§10.3), as far as this driver needs it. */
export interface I2cBus {
  write(bytes: Uint8Array): void;
  read(into: Uint8Array): unknown;
  close(): void;
}

/** Oversampling by its code: 0 off, 1 to 5 for 1, 2, 4, 8 and 16 times. */
export interface Bme280Options {
  readonly oversampling?: number;
}

// BST-BME280-DS001 §5.3, table 18.
const ID = 0xd0;
const RESET = 0xe0;
const CTRL_HUM = 0xf2;
const STATUS = 0xf3;
const CTRL_MEAS = 0xf4;
const CONFIG = 0xf5;
const DATA = 0xf7;
const TRIMMING_FIRST = 0x88;
const TRIMMING_SECOND = 0xe1;

/** §5.4.1. A BMP280 says 0x58, and has no humidity: the SDK has a driver for it. */
const BME280_ID = 0x60;
/** §5.4.2. */
const RESET_WORD = 0xb6;
/** §5.4.4: while the trimming parameters are copied, and while it measures. */
const BUSY = 0b1001;
/** §5.4.5: one measurement, then sleep again. */
const FORCED = 1;
/** §5.4.7, what humidity says where it is not measured; the same for the others, in 20 bits. */
const NO_HUMIDITY = 0x8000;
const NO_VALUE = 0x80000;
/** §1.1, table 1: 2 ms after power or reset. */
const START_UP = 2;
/** Milliseconds that a sample may take; 16 times each takes 112.8 (§9.1). */
const LONGEST = 150;

/**
 * Bosch BME280 over I2C in the ECMA-419 sensor shape: temperature, pressure, humidity. Each sample is a measurement of its own (forced
 * mode, no filter): the sensor sleeps between, and does not warm itself.
 */
export class BME280 implements Sensor {
  readonly #io: I2cBus;
  readonly #trimming: Trimming;
  readonly #pair = new Uint8Array(2);
  readonly #data = new Uint8Array(8);
  #oversampling = 1;

  /** Throws where no BME280 answers; the bus is closed then. */
  constructor({ sensor }: { readonly sensor: { readonly io: new (options: never) => I2cBus } & object }) {
    const io = new sensor.io({ hz: 400_000, address: 0x76, ...sensor } as never);
    this.#io = io;
    try {
      const id = this.read(ID, new Uint8Array(1))[0];
      if (id !== BME280_ID) throw new Error(`no BME280: the chip says ${id}`);
      this.write(RESET, RESET_WORD);
      Timer.delay(START_UP);
      this.wait();
      this.#trimming = readTrimming(
        this.read(TRIMMING_FIRST, new Uint8Array(26)),
        this.read(TRIMMING_SECOND, new Uint8Array(7)),
      );
      this.write(CONFIG, 0);
    } catch (error) {
      io.close();
      throw error;
    }
  }

  configure({ oversampling = this.#oversampling }: Bme280Options): void {
    if (!(Number.isInteger(oversampling) && oversampling >= 1 && oversampling <= 5))
      throw new RangeError(`oversampling: ${oversampling} is not a code from 1 to 5`);
    this.#oversampling = oversampling;
  }

  sample(): SensorSample {
    const code = this.#oversampling;
    // §5.4.3: humidity's code counts only once CTRL_MEAS is written.
    this.write(CTRL_HUM, code);
    this.write(CTRL_MEAS, (code << 5) | (code << 2) | FORCED);
    this.wait();
    const data = this.read(DATA, this.#data);
    const at = (index: number) => data[index] as number;
    const raw = {
      pressure: (at(0) << 12) | (at(1) << 4) | (at(2) >> 4),
      temperature: (at(3) << 12) | (at(4) << 4) | (at(5) >> 4),
      humidity: (at(6) << 8) | at(7),
    };
    if (raw.temperature === NO_VALUE) throw new Error("bme280: nothing was measured");
    const { temperature, pressure, humidity } = compensate(raw, this.#trimming);
    return {
      thermometer: { temperature },
      ...(raw.pressure === NO_VALUE ? {} : { barometer: { pressure } }),
      ...(raw.humidity === NO_HUMIDITY ? {} : { hygrometer: { humidity } }),
    };
  }

  close(): void {
    this.#io.close();
  }

  private wait(): void {
    for (let waited = 0; (this.read(STATUS, this.#pair.subarray(0, 1))[0] as number) & BUSY; waited++) {
      if (waited >= LONGEST) throw new Error(`bme280: busy for ${LONGEST} ms`);
      Timer.delay(1);
    }
  }

  private read(register: number, into: Uint8Array): Uint8Array {
    this.#io.write(Uint8Array.of(register));
    this.#io.read(into);
    return into;
  }

  private write(register: number, value: number): void {
    this.#pair[0] = register;
    this.#pair[1] = value;
    this.#io.write(this.#pair);
  }
}
