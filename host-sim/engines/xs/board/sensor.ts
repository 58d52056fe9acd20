import type { Sensor, SensorSample } from "../../../../agent/ports/sensor.js";
import type { ChannelConfig } from "../../../../agent/sampler.js";
import { host } from "./host.js";

/** A sensor that Node samples: its values come just before the timer at which the agent may ask for them. */
export class HostSensor implements Sensor {
  readonly #channels: readonly ChannelConfig[];
  readonly #sample: Record<string, number | undefined> = {};
  #failure: string | undefined = "not sampled yet";

  constructor(channels: readonly ChannelConfig[]) {
    this.#channels = channels;
  }

  configure(): void {}

  sample(): SensorSample {
    if (this.#failure !== undefined) throw new Error(this.#failure);
    return this.#sample;
  }

  close(): void {}

  /** `bytes`: a little-endian double for each channel; NaN is undefined in the sample. */
  fill(bytes: Uint8Array): void {
    const channels = this.#channels;
    const sample = this.#sample;
    for (let i = 0; i < channels.length; i++) {
      const value = host.double(bytes, 8 * i);
      const { property } = channels[i] as ChannelConfig;
      sample[property] = Number.isNaN(value) ? undefined : value;
    }
    this.#failure = undefined;
  }

  fail(reason: string): void {
    this.#failure = reason;
  }
}
