import { SettingError } from "../../agent/input-error.js";
import type { Sensor, SensorSample } from "../../agent/ports/sensor.js";

/** ECMA-419's pulse count (§11.6), as far as a sensor needs it. */
export interface PulseSource {
  /** Pulses since it was opened. */
  read(): number;
  close(): void;
}

export interface PulseOptions {
  /** Of the measured quantity, per pulse: 0.2794 (mm of rain), 0.001 (kWh). Default 1. */
  readonly perPulse?: number;
  /**
   * Pulses a second that the meter can give. Where there were more since the sample before, the wire has picked something up: that sample
   * fails, and none of them count. Left out, any number is believed.
   */
  readonly most?: number;
}

/** Less than this a pulse no reading shows: a quantity has nine decimal places at most. */
const LEAST = 1e-9;

/** Throws SettingError. */
export function checkPulses({ perPulse = 1, most = Number.POSITIVE_INFINITY }: PulseOptions): void {
  if (typeof perPulse !== "number" || !(perPulse >= LEAST && perPulse < Number.POSITIVE_INFINITY))
    throw new SettingError("perPulse", "it is not a quantity above 0");
  if (typeof most !== "number" || !(most > 0))
    throw new SettingError("most", "it is not a number of pulses a second above 0");
}

/**
 * A rain gauge, an energy or water meter: `{ count, quantity }` since this boot. What was counted before is in the frames of the
 * boots before; a total that goes back says that there was a reset.
 */
export class PulseCounter implements Sensor {
  readonly #source: PulseSource;
  #perPulse = 1;
  #most = Number.POSITIVE_INFINITY;
  /** The source's count at the sample before, what of it is not believed, and when that sample was. */
  #last = 0;
  #noise = 0;
  #at = 0;

  /** `counter`: the class of the source, and its options. */
  constructor(options: PulseOptions & { counter: { io: new (options: never) => PulseSource } }) {
    const { counter } = options;
    this.configure(options);
    this.#source = new counter.io(counter as never);
  }

  get warmUp(): number {
    return 0;
  }

  configure({ perPulse = this.#perPulse, most = this.#most }: PulseOptions): void {
    checkPulses({ perPulse, most });
    this.#perPulse = perPulse;
    this.#most = most;
  }

  sample(uptime = this.#at): SensorSample {
    const total = this.#source.read();
    const pulses = total - this.#last;
    const seconds = (uptime - this.#at) / 1000;
    this.#last = total;
    this.#at = uptime;
    // One more: the first may have come just after the sample before.
    if (Math.abs(pulses) > this.#most * seconds + 1) {
      this.#noise += pulses;
      throw new Error(`pulses: ${pulses} in ${seconds} s are more than ${this.#most} a second`);
    }
    const count = total - this.#noise;
    return { count, quantity: count * this.#perPulse };
  }

  close(): void {
    this.#source.close();
  }
}
