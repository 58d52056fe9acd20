import type { Sensor, SensorSample } from "../../agent/ports/sensor.js";

interface SimulatedOptions {
  /** Samples to give one after another, and then again from the first; null: no reading. */
  readonly script?: readonly (SensorSample | null)[];
}

/** Samples until the day of the wave is over. */
const DAY = 288;

/** A sensor of the ECMA-419 shape (§13) without hardware: temperature, humidity and pressure that go up and down. */
export class SimulatedSensor implements Sensor {
  #script: readonly (SensorSample | null)[] | undefined;
  #samples = 0;

  get warmUp(): number {
    return 0;
  }

  constructor(options: SimulatedOptions) {
    this.configure(options);
  }

  configure(options: SimulatedOptions): void {
    this.#script = options.script;
  }

  sample(): SensorSample | undefined {
    const number = this.#samples++;
    const script = this.#script;
    if (script !== undefined) return script[number % script.length] ?? undefined;
    const wave = Math.sin((2 * Math.PI * number) / DAY);
    return {
      thermometer: { temperature: 18 + 6 * wave },
      hygrometer: { humidity: 0.55 - 0.2 * wave },
      barometer: { pressure: 101_325 + 300 * wave },
    };
  }

  close(): void {}
}
