import type { Clock, Timer } from "./ports/clock.js";
import type { Sensor, SensorSample } from "./ports/sensor.js";

/** One quantity of a sensor. */
export interface ChannelConfig {
  /** Where the number stands in a sample: `temperature`, or `thermometer.temperature`. */
  readonly property: string;
  /** SenML name of the readings. */
  readonly name: string;
  /** A symbol of the SenML units registry. */
  readonly unit: string;
  /** Decimal places that are kept, 0 to 9. */
  readonly digits: number;
  /** A value that differs from the last one reported by less than this is not reported. In `unit`. */
  readonly deadband?: number;
}

export interface SensorConfig {
  readonly sensor: Sensor;
  /** Milliseconds from one sample to the next. From 1,000 on, readings are timed in whole seconds. */
  readonly interval: number;
  readonly channels: readonly ChannelConfig[];
  /** Where there is a dead band: a value is reported at least this often, in milliseconds. */
  readonly heartbeat?: number;
}

export interface SamplerHandler {
  /** `channel` counts through all channels of all sensors in order. The value is mantissa × 10^-digits. */
  reading(channel: number, mantissa: number, time: number): void;
  /** A sensor threw, or gave something that is no number. It is asked again at its next turn. */
  failed(sensor: number, reason: string): void;
}

const DEFAULT_HEARTBEAT = 15 * 60_000;

export interface Sampler {
  start(): void;
  /** No more readings. Sensors stay open. */
  stop(): void;
}

/**
 * Samples each sensor at its own interval. Times are multiples of the interval counted from the start, so that
 * slow sensors and late timers do not make the cadence drift; turns that were missed are left out.
 */
export function createSampler(
  sensors: readonly SensorConfig[],
  clock: Clock,
  handler: SamplerHandler,
): Sampler {
  return new IntervalSampler(sensors, clock, handler);
}

class IntervalSampler implements Sampler {
  readonly #sensors: readonly SensorConfig[];
  readonly #clock: Clock;
  readonly #handler: SamplerHandler;
  /** Uptime of each sensor's next turn. */
  readonly #due: Float64Array;
  /** Of each channel: the value last reported, and when. */
  readonly #reported: Float64Array;
  readonly #reportedAt: Float64Array;
  #running = false;
  #timer: Timer | undefined;
  readonly #tick = () => this.#run();

  constructor(sensors: readonly SensorConfig[], clock: Clock, handler: SamplerHandler) {
    let channels = 0;
    for (const sensor of sensors) channels += sensor.channels.length;
    this.#sensors = sensors;
    this.#clock = clock;
    this.#handler = handler;
    this.#due = new Float64Array(sensors.length);
    this.#reported = new Float64Array(channels).fill(Number.NaN);
    this.#reportedAt = new Float64Array(channels);
  }

  start(): void {
    if (this.#running) return;
    this.#running = true;
    this.#due.fill(Math.floor(this.#clock.uptime()));
    this.#run();
  }

  stop(): void {
    this.#running = false;
    if (this.#timer !== undefined) this.#clock.clearTimer(this.#timer);
    this.#timer = undefined;
  }

  #run(): void {
    this.#timer = undefined;
    const now = Math.floor(this.#clock.uptime());
    let next = Number.POSITIVE_INFINITY;
    let channel = 0;
    for (let i = 0; i < this.#sensors.length; i++) {
      const { interval, channels } = this.#sensors[i] as SensorConfig;
      let turn = this.#due[i] as number;
      if (this.#running && now >= turn) {
        this.#sample(i, channel, now);
        turn += interval * (Math.floor((now - turn) / interval) + 1);
        this.#due[i] = turn;
      }
      next = Math.min(next, turn);
      channel += channels.length;
    }
    if (!this.#running || next === Number.POSITIVE_INFINITY) return;
    // From now, not from before the sampling: slow sensors make no turn late.
    this.#timer = this.#clock.setTimer(this.#tick, Math.max(0, next - this.#clock.uptime()));
  }

  /** `first`: the number of the sensor's first channel. */
  #sample(index: number, first: number, now: number): void {
    const config = this.#sensors[index] as SensorConfig;
    let values: SensorSample | undefined;
    try {
      values = config.sensor.sample();
    } catch (error) {
      this.#fail(index, error);
      return;
    }
    if (values === undefined || values === null) return; // null: not in the port's type, but drivers give it
    const time = config.interval >= 1000 ? now - (now % 1000) : now;
    for (let i = 0; i < config.channels.length; i++) {
      const channel = config.channels[i] as ChannelConfig;
      try {
        this.#report(index, first + i, channel, valueAt(values, channel.property), time);
      } catch (error) {
        this.#fail(index, error);
      }
    }
  }

  #report(sensor: number, index: number, channel: ChannelConfig, value: unknown, time: number): void {
    if (!this.#running || value === undefined) return; // a driver leaves out what it could not read
    const mantissa = typeof value === "number" ? Math.round(value * 10 ** channel.digits) : Number.NaN;
    if (typeof value !== "number" || !Number.isSafeInteger(mantissa)) {
      this.#handler.failed(sensor, `${channel.property} is ${value}`);
      return;
    }
    const { heartbeat = DEFAULT_HEARTBEAT } = this.#sensors[sensor] as SensorConfig;
    const quiet = time - (this.#reportedAt[index] as number) < heartbeat;
    const change = Math.abs(value - (this.#reported[index] as number));
    if (quiet && change < (channel.deadband ?? 0)) return;
    this.#reported[index] = value;
    this.#reportedAt[index] = time;
    // -0 has no encoding of its own, and is not what a register holds.
    this.#handler.reading(index, mantissa === 0 ? 0 : mantissa, time);
  }

  #fail(sensor: number, error: unknown): void {
    this.#handler.failed(sensor, error instanceof Error ? error.message : String(error));
  }
}

/** What stands in a sample at a path like `thermometer.temperature`, whatever it is; undefined where nothing does. */
export function valueAt(sample: SensorSample, property: string): unknown {
  const dot = property.indexOf(".");
  if (dot < 0) return sample[property];
  const inner = sample[property.slice(0, dot)];
  if (typeof inner !== "object" || inner === null) return undefined;
  return valueAt(inner, property.slice(dot + 1));
}
