import type { SensorSample } from "../../agent/ports/sensor.js";
import { type AirTrimming, compensateAir, readAirTrimming } from "./bme280-compensation.js";
import { air, BoschSensor, checkRaw, checkTrimming, raw20 } from "./bosch.js";
import type { I2cBus, OnBus } from "./on-bus.js";

/** BST-BMP280-DS001 §4.2, table 18. */
const TRIMMING = 0x88;

/** §4.3.1. */
const CHIP = Object.freeze({ name: "bmp280", id: 0x58, bytes: 6 });

/** 16 times: what pressure needs for steps below a pascal (§3.3.1). */
const OVERSAMPLING = 5;

/** Bosch BMP280 over I2C in the ECMA-419 sensor shape: temperature, pressure. */
export class BMP280 extends BoschSensor {
  #trimming: AirTrimming | undefined;

  constructor(options: OnBus<I2cBus>) {
    super(options, CHIP, OVERSAMPLING);
    this.open();
  }

  protected readTrimming(): void {
    const bytes = this.read(TRIMMING, new Uint8Array(24));
    checkTrimming(CHIP.name, bytes);
    this.#trimming = readAirTrimming(bytes);
  }

  protected measure(oversampling: number): SensorSample {
    const data = this.measured(oversampling);
    const [pressure, temperature] = [raw20(data, 0), raw20(data, 3)];
    for (const bits of [pressure >> 4, temperature >> 4]) checkRaw(CHIP.name, bits);
    return air(compensateAir({ temperature, pressure }, this.#trimming as AirTrimming));
  }
}
