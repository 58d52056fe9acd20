import Timer from "timer";
import type { SensorSample } from "../../agent/ports/sensor.js";
import type { I2cBus, OnBus } from "./on-bus.js";
import { OneShot } from "./one-shot.js";
import { climate, command, readWords } from "./sensirion.js";

// Datasheet SHT3x-DIS §4.3 to §4.11: tables 9, 14 and 17.
const MEASURE = 0x2400; // high repeatability, without clock stretching
const SOFT_RESET = 0x30a2;
const STATUS = 0xf32d;

/** §2.2, table 4: 1.5 ms after a reset, 15.5 for a measurement, at most. */
const RESETTING = 2;
const MEASURING = 16;
/** §4.13: 2^16 - 1. */
const FULL = 65_535;

/** Sensirion SHT30, SHT31 or SHT35 over I2C in the ECMA-419 sensor shape. Each sample is a measurement of its own; humidity in percent. */
export class SHT3x extends OneShot<I2cBus> {
  constructor(options: OnBus<I2cBus>) {
    super(options, 0x44);
  }

  protected begin(): void {
    command(this.io, SOFT_RESET); // out of a periodic mode that an earlier program began
    Timer.delay(RESETTING);
    command(this.io, STATUS);
    readWords(this.io, "sht3x", 1);
  }

  /** §4.4: a sensor that has no result does not acknowledge the read. */
  sample(): SensorSample {
    command(this.io, MEASURE);
    Timer.delay(MEASURING);
    return climate(readWords(this.io, "sht3x", 2), FULL);
  }
}
