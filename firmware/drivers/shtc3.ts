import Timer from "timer";
import type { SensorSample } from "../../agent/ports/sensor.js";
import type { I2cBus, OnBus } from "./on-bus.js";
import { OneShot } from "./one-shot.js";
import { climate, command, readWords } from "./sensirion.js";

// Datasheet SHTC3 §5.1 to §5.9.
const WAKE = 0x3517;
const SLEEP = 0xb098;
const RESET = 0x805d;
const READ_ID = 0xefc8;
const MEASURE = 0x7866; // temperature first, normal mode, without clock stretching

/** §5.9, table 15: xxxx1xxx xx000111. */
const ID_BITS = 0x083f;
const ID = 0x0807;
/** §3.1, table 5: 0.24 ms after power, a reset or sleep, 12.1 for a measurement, at most. */
const WAKING = 1;
const MEASURING = 13;
/** §5.11. */
const FULL = 65_536;

/** Sensirion SHTC3 over I2C in the ECMA-419 sensor shape. Each sample is a measurement of its own, with sleep between; humidity in percent. */
export class SHTC3 extends OneShot<I2cBus> {
  constructor(options: OnBus<I2cBus>) {
    super(options, 0x70);
  }

  protected begin(): void {
    this.wake();
    command(this.io, RESET);
    Timer.delay(WAKING);
    command(this.io, READ_ID);
    const [id = 0] = readWords(this.io, "shtc3", 1);
    if ((id & ID_BITS) !== ID) throw new Error(`no SHTC3: the chip says ${id}`);
    command(this.io, SLEEP);
  }

  /** §5.5: a sensor that has no result does not acknowledge the read. */
  sample(): SensorSample {
    const io = this.io;
    this.wake();
    command(io, MEASURE);
    Timer.delay(MEASURING);
    const words = readWords(io, "shtc3", 2);
    command(io, SLEEP);
    return climate(words, FULL);
  }

  private wake(): void {
    command(this.io, WAKE);
    Timer.delay(WAKING);
  }
}
