import type { Sensor, SensorSample } from "../../../agent/ports/sensor.js";
import type { ChannelConfig } from "../../../agent/sampler.js";

/** A sensor that Node samples: its values come just before the timer at which the agent may ask for them. */
export class HostSensor implements Sensor {
  readonly #properties: readonly string[];
  readonly #sample: Record<string, number> = {};
  #failure: string | undefined = "not sampled yet";

  constructor(channels: readonly ChannelConfig[]) {
    this.#properties = channels.map(({ property }) => property);
  }

  configure(): void {}

  sample(): SensorSample {
    if (this.#failure !== undefined) throw new Error(this.#failure);
    return this.#sample;
  }

  close(): void {}

  /** `bytes`: a little-endian double for each channel; NaN is left out of the sample. */
  fill(bytes: Uint8Array): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    for (let i = 0; i < this.#properties.length; i++) {
      const property = this.#properties[i] as string;
      const value = view.getFloat64(8 * i, true);
      if (Number.isNaN(value)) delete this.#sample[property];
      else this.#sample[property] = value;
    }
    this.#failure = undefined;
  }

  fail(reason: string): void {
    this.#failure = reason;
  }
}
