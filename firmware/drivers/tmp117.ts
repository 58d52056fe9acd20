import Timer from "timer";
import type { SensorSample } from "../../agent/ports/sensor.js";
import type { OnBus, SmbusBus } from "./on-bus.js";
import { OneShot } from "./one-shot.js";
import { within } from "./range.js";

// SNOSD82D §7.6, table 7-3.
const RESULT = 0x00;
const CONFIGURATION = 0x01;
const DEVICE_ID = 0x0f;

/** §7.6.11: the upper 4 bits are the revision. */
const ID = 0x117;
const ID_BITS = 0x0fff;
/** §7.6.3: a conversion of 8 averaged, then shutdown (MOD 11, AVG 01). */
const ONE_SHOT = 0b0000_1100_0010_0000;
const DATA_READY = 0b0010_0000_0000_0000;
/** §6.5: 15.5 ms a conversion, 17.5 at most. */
const CONVERSION = 8 * 15.5;
const POLLING = 4;
const LONGEST = 200;
/** §7.6.2. The reset state is 0x8000, which would be -256 Cel. */
const STEP = 0.0078125;
/** §6.3. */
const COLDEST = -55;
const HOTTEST = 150;

/**
 * TI TMP117 over SMBus in the ECMA-419 sensor shape. Each sample is a conversion of its own, read when the chip says that it is
 * there: the SDK's driver reads whatever the register holds.
 */
export class TMP117 extends OneShot<SmbusBus> {
  constructor(options: OnBus<SmbusBus>) {
    super(options, 0x48);
  }

  protected begin(): void {
    this.identify();
  }

  sample(): SensorSample {
    const io = this.io;
    this.identify();
    // Forgets what was ready before (§7.6.3: reading clears the flag).
    io.readUint16(CONFIGURATION, true);
    io.writeUint16(CONFIGURATION, ONE_SHOT, true);
    Timer.delay(CONVERSION);
    for (
      let waited = CONVERSION;
      (io.readUint16(CONFIGURATION, true) & DATA_READY) === 0;
      waited += POLLING
    ) {
      if (waited >= LONGEST) throw new Error(`tmp117: no conversion in ${LONGEST} ms`);
      Timer.delay(POLLING);
    }
    const bits = io.readUint16(RESULT, true);
    // On a bus that is held low or high since, this one fails, too.
    this.identify();
    const temperature = (bits < 0x8000 ? bits : bits - 0x10000) * STEP;
    return { temperature: within("temperature", temperature, COLDEST, HOTTEST) };
  }

  private identify(): void {
    const id = this.io.readUint16(DEVICE_ID, true);
    if ((id & ID_BITS) !== ID) throw new Error(`no TMP117: the chip says ${id}`);
  }
}
