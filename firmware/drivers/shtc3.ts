import Timer from "timer";
import type { Sensor, SensorSample } from "../../agent/ports/sensor.js";
import type { I2cBus, OnBus } from "./on-bus.js";
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
export class SHTC3 implements Sensor {
  readonly #io: I2cBus;

  /** Throws where none answers; the bus is closed then. */
  constructor({ sensor }: OnBus<I2cBus>) {
    const io = new sensor.io({ hz: 400_000, address: 0x70, ...sensor } as never);
    this.#io = io;
    try {
      this.wake();
      command(io, RESET);
      Timer.delay(WAKING);
      command(io, READ_ID);
      const [id = 0] = readWords(io, "shtc3", 1);
      if ((id & ID_BITS) !== ID) throw new Error(`no SHTC3: the chip says ${id}`);
      command(io, SLEEP);
    } catch (error) {
      io.close();
      throw error;
    }
  }

  get warmUp(): number {
    return 0;
  }

  configure(): void {}

  /** §5.5: a sensor that has no result does not acknowledge the read. */
  sample(): SensorSample {
    const io = this.#io;
    this.wake();
    command(io, MEASURE);
    Timer.delay(MEASURING);
    const words = readWords(io, "shtc3", 2);
    command(io, SLEEP);
    return climate(words, FULL);
  }

  close(): void {
    this.#io.close();
  }

  private wake(): void {
    command(this.#io, WAKE);
    Timer.delay(WAKING);
  }
}
