import type { Sensor } from "../../../agent/ports/sensor.js";

/** One quantity of a sensor. */
export interface ChannelSetup {
  /** Path in the sample: `temperature`, or `thermometer.temperature`. */
  readonly property: string;
  /** SenML name (RFC 8428 §4.5.1). */
  readonly name: string;
  /** Symbol of the SenML units registry. */
  readonly unit: string;
  /** Decimal places kept. */
  readonly digits: number;
  /** The range that the registry enrols the quantity for, in `unit`. */
  readonly min: number;
  readonly max: number;
}

/** A sensor with all that an agent needs to sample it and a registry needs to enrol it. */
export interface SensorSetup {
  /** Unique on its board. */
  readonly id: string;
  readonly sensor: Sensor;
  /** Milliseconds from one sample to the next. */
  readonly interval: number;
  readonly channels: readonly ChannelSetup[];
}
