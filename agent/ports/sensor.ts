/**
 * The sensor shape of ECMA-419 (§13, Sensor class pattern): a driver of the Moddable SDK fits as it is.
 */
export interface Sensor {
  configure(options: object): void;
  /**
   * The latest reading, or undefined where there is none yet. Quantities are numbers, either at the top
   * (`{ temperature }`) or one level down (`{ thermometer: { temperature } }`). May throw.
   */
  sample(): SensorSample | undefined;
  /** Releases the hardware. The sensor must not be used afterwards. */
  close(): void;
}

export interface SensorSample {
  readonly [property: string]: number | SensorSample | undefined;
}
