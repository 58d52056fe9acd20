import type { Sensor, SensorSample } from "../../agent/ports/sensor.js";
import type { SensorConfig } from "../../agent/sampler.js";
import type { EnrolledSensor } from "../../network/verify/registry.js";
import type { Dice } from "./dice.js";

/** What the registry says of every board's sensors. */
export function enrolledSensors(interval: number): EnrolledSensor[] {
  const cadence = interval / 1000;
  return [
    { name: "temperature", unit: "Cel", min: -60, max: 80, cadence },
    { name: "pulses", unit: "count", min: 0, max: 1e9, cadence },
  ];
}

type Sampled = (sensor: number, name: string, value: number | undefined) => void;

/** The physical world at one board, which goes on whatever becomes of the board. */
export class Surroundings {
  /** The thermometer does not answer while this is above 0. */
  failures = 0;
  /** It gives the same value while this is above 0. */
  sticks = 0;
  readonly #dice: Dice;
  readonly #sampled: Sampled;
  #hundredths: number;
  #pulses = 0;

  /** `sampled` hears of every question, and of the answer; undefined where there is none. */
  constructor(dice: Dice, sampled: Sampled) {
    this.#dice = dice;
    this.#sampled = sampled;
    this.#hundredths = dice.between(-1000, 3000);
  }

  /** As the agent gets them; a thermometer that drifts and a counter. */
  sensors(interval: number): SensorConfig[] {
    const thermometer = [{ property: "temperature", name: "temperature", unit: "Cel", digits: 2 }];
    const counter = [{ property: "pulses", name: "pulses", unit: "count", digits: 0 }];
    return [
      { sensor: new SimulatedSensor(() => this.#temperature()), interval, channels: thermometer },
      { sensor: new SimulatedSensor(() => this.#count()), interval, channels: counter },
    ];
  }

  #temperature(): SensorSample {
    if (this.failures > 0) {
      this.#sampled(0, "temperature", undefined);
      throw new Error("the sensor does not answer");
    }
    const next = this.#hundredths + this.#dice.between(-20, 20);
    if (this.sticks === 0 && next > -4000 && next < 6000) this.#hundredths = next;
    const temperature = this.#hundredths / 100;
    this.#sampled(0, "temperature", temperature);
    return { temperature };
  }

  #count(): SensorSample {
    this.#pulses += this.#dice.between(0, 5);
    this.#sampled(1, "pulses", this.#pulses);
    return { pulses: this.#pulses };
  }
}

class SimulatedSensor implements Sensor {
  readonly sample: () => SensorSample;

  constructor(sample: () => SensorSample) {
    this.sample = sample;
  }

  configure(): void {}

  close(): void {}
}
