/// <reference path="../types/board-modules.d.ts" />
import Analog from "embedded:io/analog";
import I2C from "embedded:io/i2c";
import PulseCount from "embedded:io/pulsecount";
import SMBus from "embedded:io/smbus";
import type { Sensor } from "../../agent/ports/sensor.js";
import { AnalogInput, type AnalogOptions, type AnalogSource } from "../drivers/analog-input.js";
import { BME280 } from "../drivers/bme280.js";
import { BMP280 } from "../drivers/bmp280.js";
import { EdgeCount } from "../drivers/edge-count.js";
import { type BusClass, type I2cBus, type OnBus, onBus, type SmbusBus } from "../drivers/on-bus.js";
import { PulseCounter, type PulseOptions, type PulseSource } from "../drivers/pulse-counter.js";
import { SHT3x } from "../drivers/sht3x.js";
import { SHTC3 } from "../drivers/shtc3.js";
import { TMP102 } from "../drivers/tmp102.js";
import { TMP117 } from "../drivers/tmp117.js";
import type { SensorDriver } from "../platform.js";

// The SDK's classes have a `close` that its declarations leave out.
const I2cClass = I2C as unknown as BusClass;
const SmbusClass = SMBus as unknown as BusClass;
const Input = Analog as unknown as new (options: never) => AnalogSource;
const Quadrature = PulseCount as unknown as new (options: never) => PulseSource;

type Driver<Io extends I2cBus | SmbusBus> = new (options: OnBus<Io>) => Sensor;

const onI2c = (Made: Driver<I2cBus>, options: object) =>
  onBus(I2cClass, (io) => new Made({ sensor: { io: io as new (options: never) => I2cBus, ...options } }));
const onSmbus = (Made: Driver<SmbusBus>, options: object) =>
  onBus(SmbusClass, (io) => new Made({ sensor: { io: io as new (options: never) => SmbusBus, ...options } }));

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
