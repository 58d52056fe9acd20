import type { SensorSample } from "../../agent/ports/sensor.js";
import { compensate, readTrimming, type Trimming } from "./bme280-compensation.js";
import { air, BoschSensor, checkRaw, checkTrimming, raw20 } from "./bosch.js";
import type { I2cBus, OnBus } from "./on-bus.js";

// BST-BME280-DS001 §5.3, table 18.
const CTRL_HUM = 0xf2;
const TRIMMING_FIRST = 0x88;
const TRIMMING_SECOND = 0xe1;

/** §5.4.1. A BMP280 says 0x58, and has no humidity. */
const CHIP = Object.freeze({ name: "bme280", id: 0x60, bytes: 8 });

/** Bosch BME280 over I2C in the ECMA-419 sensor shape: temperature, pressure, humidity. */
export class BME280 extends BoschSensor {
  #trimming: Trimming | undefined;

  constructor(options: OnBus<I2cBus>) {
    super(options, CHIP, 1);
    this.open();
  }

  protected readTrimming(): void {
    const first = this.read(TRIMMING_FIRST, new Uint8Array(26));
    const second = this.read(TRIMMING_SECOND, new Uint8Array(7));
    checkTrimming(CHIP.name, first.subarray(0, 24), second);
    this.#trimming = readTrimming(first, second);
  }

  protected measure(oversampling: number): SensorSample {
    // §5.4.3: humidity's code counts only once CTRL_MEAS is written.
    this.write(CTRL_HUM, oversampling);
    const data = this.measured(oversampling);
    const [pressure, temperature] = [raw20(data, 0), raw20(data, 3)];
    const humidity = ((data[6] as number) << 8) | (data[7] as number);
    for (const bits of [pressure >> 4, temperature >> 4, humidity]) checkRaw(CHIP.name, bits);
    const values = compensate({ temperature, pressure, humidity }, this.#trimming as Trimming);
    return { ...air(values), hygrometer: { humidity: values.humidity } };
  }
}
