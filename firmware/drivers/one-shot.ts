import type { Sensor, SensorSample } from "../../agent/ports/sensor.js";
import type { Bus, OnBus } from "./on-bus.js";

/**
 * A sensor on a bus in the ECMA-419 sensor shape, without options. Each sample is a measurement of its
 * own, so that none has to be waited for after it was opened.
 */
export abstract class OneShot<Io extends Bus> implements Sensor {
  protected readonly io: Io;

  /** Throws where no such sensor answers; the bus is closed then. */
  constructor({ sensor }: OnBus<Io>, address: number) {
    this.io = new sensor.io({ hz: 400_000, address, ...sensor } as never);
    try {
      this.begin();
    } catch (error) {
      this.io.close();
      throw error;
    }
  }

  get warmUp(): number {
    return 0;
  }

  configure(): void {}

  abstract sample(): SensorSample;

  close(): void {
    this.io.close();
  }

  /** Throws where nothing answers as this sensor does. */
  protected abstract begin(): void;
}
