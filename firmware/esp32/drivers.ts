/// <reference path="../types/board-modules.d.ts" />
import Analog from "embedded:io/analog";
import I2C from "embedded:io/i2c";
import PulseCount from "embedded:io/pulsecount";
import SMBus from "embedded:io/smbus";
import BMP280 from "embedded:sensor/Barometer-Temperature/BMP280";
import SHT3x from "embedded:sensor/Humidity-Temperature/SHT3x";
import SHTC3 from "embedded:sensor/Humidity-Temperature/SHTC3";
import TMP102 from "embedded:sensor/Temperature/TMP102";
import TMP117 from "embedded:sensor/Temperature/TMP117";
import { AnalogInput, type AnalogOptions, type AnalogSource } from "../drivers/analog-input.js";
import { BME280, type I2cBus } from "../drivers/bme280.js";
import { EdgeCount } from "../drivers/edge-count.js";
import { PulseCounter, type PulseOptions, type PulseSource } from "../drivers/pulse-counter.js";
import type { SensorDriver } from "../platform.js";

/** Some of the SDK's drivers only report a sensor that is not there, and go on. */
function onError(reason: string): never {
  throw new Error(reason);
}

// The SDK's classes have a `close` that its declarations leave out.
const Bus = I2C as unknown as new (options: never) => I2cBus;
const Input = Analog as unknown as new (options: never) => AnalogSource;
const Quadrature = PulseCount as unknown as new (options: never) => PulseSource;

const onI2c = (options: object) => ({ sensor: { io: Bus, ...options }, onError });
const onSmbus = (options: object) => ({ sensor: { io: SMBus, ...options }, onError });

/** The options of each but the last three are the bus's: `data`, `clock`, and `address` where it is not the usual one. */
export const DRIVERS: { readonly [kind: string]: SensorDriver } = Object.freeze({
  bme280: (options) => new BME280(onI2c(options)),
  bmp280: (options) => new BMP280(onI2c(options)),
  sht3x: (options) => new SHT3x(onI2c(options)),
  shtc3: (options) => new SHTC3(onI2c(options)),
  tmp102: (options) => new TMP102(onSmbus(options)),
  tmp117: (options) => new TMP117(onSmbus(options)),
  analog: (options) => new AnalogInput({ ...(options as AnalogOptions), input: { io: Input, ...options } }),
  pulses: (options) =>
    new PulseCounter({ ...(options as PulseOptions), counter: { io: EdgeCount, ...options } }),
  quadrature: (options) =>
    new PulseCounter({ ...(options as PulseOptions), counter: { io: Quadrature, ...options } }),
} satisfies { [kind: string]: SensorDriver });
