/**
 * The sensor shape of ECMA-419 (§13, Sensor class pattern): a driver of the Moddable SDK fits as it is.
 */
export interface Sensor {
  /**
   * Milliseconds from power until what the hardware holds is a reading; 0 where each sample is a measurement of its own, whatever
   * happened to the hardware before. Left out, as by the SDK's drivers: nobody knows (firmware/sensors.ts).
   */
  readonly warmUp?: number;
  configure(options: object): void;
  /**
   * The latest reading, or undefined where there is none yet. Quantities are numbers, either at the top
   * (`{ temperature }`) or one level down (`{ thermometer: { temperature } }`). Must throw where the hardware gives what cannot be a reading:
   * its reset state, a bus that is held low or high, a value outside of its range. `uptime`: milliseconds since boot.
   */
  sample(uptime?: number): SensorSample | undefined;
  /** Releases the hardware. The sensor must not be used afterwards. */
  close(): void;
}

export interface SensorSample {
  readonly [property: string]: number | SensorSample | undefined;
}
