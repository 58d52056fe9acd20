import Timer from "timer";
import type { SensorSample } from "../../agent/ports/sensor.js";
import type { OnBus, SmbusBus } from "./on-bus.js";
import { OneShot } from "./one-shot.js";
import { within } from "./range.js";

// SBOS397 §7.5.1, table 6.
const TEMPERATURE = 0x00;
const CONFIGURATION = 0x01;

/** §7.5.3: one conversion from shutdown, 12 bits; the resolution's two bits are read only and always 11. */
const ONE_SHOT = 0b1110_0001_1010_0000;
/** All but the alert, which is the chip's. Once a conversion is done it reads as it was written, OS included (§7.4.4). */
const OURS = 0b1111_1111_1101_1111;
/** OS is 0 while it converts. */
const CONVERTING = ONE_SHOT & 0x7fff & OURS;
/** §6.5: 26 ms, 35 at most. */
const CONVERSION = 26;
const POLLING = 2;
const LONGEST = 50;
/** §7.5.2: 12 bits on the left, of which the lower 4 read 0. Until the first conversion it reads 0, which would be 0 Cel. */
const STEP = 0.0625;
const UNUSED = 0b1111;
/** §6.3. */
const COLDEST = -40;
const HOTTEST = 125;

/** TI TMP102 over SMBus in the ECMA-419 sensor shape. Each sample is a conversion of its own, read when the chip says that it is done. */
export class TMP102 extends OneShot<SmbusBus> {
  constructor(options: OnBus<SmbusBus>) {
    super(options, 0x48);
  }

  /** The chip has no number to know it by. */
  protected begin(): void {
    this.convert();
  }

  sample(): SensorSample {
    return { temperature: within("temperature", this.convert(), COLDEST, HOTTEST) };
  }

  private convert(): number {
    const io = this.io;
    // Into shutdown first: only from there does a conversion start at once.
    io.writeUint16(CONFIGURATION, CONVERTING, true);
    io.writeUint16(CONFIGURATION, ONE_SHOT, true);
    Timer.delay(CONVERSION);
    for (let waited = CONVERSION; !this.isDone(); waited += POLLING) {
      if (waited >= LONGEST) throw new Error(`tmp102: no conversion in ${LONGEST} ms`);
      Timer.delay(POLLING);
    }
    const bits = io.readUint16(TEMPERATURE, true);
    if ((bits & UNUSED) !== 0 || !this.isDone()) throw new Error("tmp102: what it says is no temperature");
    return ((bits < 0x8000 ? bits : bits - 0x10000) >> 4) * STEP;
  }

  /** On a bus that is held low or high this is something else than it was written. */
  private isDone(): boolean {
    const configuration = this.io.readUint16(CONFIGURATION, true) & OURS;
    if (configuration === (ONE_SHOT & OURS)) return true;
    if (configuration === CONVERTING) return false;
    throw new Error(`no TMP102: it was set up, and says ${configuration}`);
  }
}
