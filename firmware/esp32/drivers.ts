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
import type { Sensor } from "../../agent/ports/sensor.js";
import { AnalogInput, type AnalogOptions, type AnalogSource } from "../drivers/analog-input.js";
import { BME280, type I2cBus } from "../drivers/bme280.js";
import { EdgeCount } from "../drivers/edge-count.js";
import { type BusClass, onBus } from "../drivers/on-bus.js";
import { PulseCounter, type PulseOptions, type PulseSource } from "../drivers/pulse-counter.js";
import type { SensorDriver } from "../platform.js";

/** Some of the SDK's drivers only report a sensor that is not there, and go on. */
function onError(reason: string): never {
  throw new Error(reason);
}

// The SDK's classes have a `close` that its declarations leave out.
const I2cClass = I2C as unknown as new (options: never) => I2cBus;
const SmbusClass = SMBus as unknown as BusClass;
const Input = Analog as unknown as new (options: never) => AnalogSource;
const Quadrature = PulseCount as unknown as new (options: never) => PulseSource;

type Driver<Io> = new (options: { sensor: { io: Io }; onError: (reason: string) => never }) => Sensor;

const onI2c = (Made: Driver<typeof I2cClass>, options: object) =>
  onBus(I2cClass, (io) => new Made({ sensor: { io: io as typeof I2cClass, ...options }, onError }));
const onSmbus = (Made: Driver<BusClass>, options: object) =>
  onBus(SmbusClass, (io) => new Made({ sensor: { io, ...options }, onError }));

/** The options of each but the last three are the bus's: `data`, `clock`, and `address` where it is not the usual one. */
export const DRIVERS: { readonly [kind: string]: SensorDriver } = Object.freeze({
  bme280: (options) => onI2c(BME280, options),
  bmp280: (options) => onI2c(BMP280, options),
  sht3x: (options) => onI2c(SHT3x, options),
  shtc3: (options) => onI2c(SHTC3, options),
  tmp102: (options) => onSmbus(TMP102, options),
  tmp117: (options) => onSmbus(TMP117, options),
  analog: (options) => new AnalogInput({ ...(options as AnalogOptions), input: { io: Input, ...options } }),
  pulses: (options) =>
    new PulseCounter({ ...(options as PulseOptions), counter: { io: EdgeCount, ...options } }),
  quadrature: (options) =>
    new PulseCounter({ ...(options as PulseOptions), counter: { io: Quadrature, ...options } }),
} satisfies { [kind: string]: SensorDriver });
