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
}

/**
 * A rain gauge, an energy or water meter: `{ count, quantity }` since this boot. What was counted before is in the frames of the
 * boots before; a total that goes back says that there was a reset.
 */
export class PulseCounter implements Sensor {
  readonly #source: PulseSource;
  #perPulse = 1;

  /** `counter`: the class of the source, and its options. */
  constructor(options: PulseOptions & { counter: { io: new (options: never) => PulseSource } }) {
    const { counter } = options;
    this.configure(options);
    this.#source = new counter.io(counter as never);
  }

  configure({ perPulse = this.#perPulse }: PulseOptions): void {
    if (!(perPulse > 0 && perPulse < Number.POSITIVE_INFINITY))
      throw new RangeError(`perPulse: ${perPulse} is not a quantity above 0`);
    this.#perPulse = perPulse;
  }

  sample(): SensorSample {
    const count = this.#source.read();
    return { count, quantity: count * this.#perPulse };
  }

  close(): void {
    this.#source.close();
  }
}
