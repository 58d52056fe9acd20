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
  /** All sensors whose turn it was were asked. */
  sampled(): void;
}

// Not looked up each time: on XS the global object is a long list.
const { abs, floor, round } = Math;

const MAX_MANTISSA = 2 ** 53 - 1;

const DEFAULT_HEARTBEAT = 15 * 60_000;

export interface Sampler {
  start(): void;
  /** No more readings. Sensors stay open. */
  stop(): void;
  /** Samples all sensors now, whatever their turn, running or not, and reports what they give, whatever the dead bands. */
  once(): void;
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
  readonly #channels: number;
  /** Uptime of each sensor's next turn; then of each channel the value last reported; then when. */
  readonly #numbers: Float64Array;
  #running = false;
  #isForced = false;
  #timer: Timer | undefined;
  readonly #tick = () => this.run();

  constructor(sensors: readonly SensorConfig[], clock: Clock, handler: SamplerHandler) {
    let channels = 0;
    for (const sensor of sensors) channels += sensor.channels.length;
    this.#sensors = sensors;
    this.#clock = clock;
    this.#handler = handler;
    this.#channels = channels;
    this.#numbers = new Float64Array(sensors.length + 2 * channels).fill(Number.NaN);
  }

  start(): void {
    if (this.#running) return;
    this.#running = true;
    this.#numbers.fill(floor(this.#clock.uptime()), 0, this.#sensors.length);
    this.run();
  }

  stop(): void {
    this.#running = false;
    if (this.#timer !== undefined) this.#clock.clearTimer(this.#timer);
    this.#timer = undefined;
  }

  once(): void {
    if (this.#timer !== undefined) this.#clock.clearTimer(this.#timer);
    this.#isForced = true;
    this.run();
    this.#isForced = false;
  }

  /** Hands readings on itself, not in a method that it calls: what takes them signs and stores, and a board's stack is short. */
  private run(): void {
    this.#timer = undefined;
    const sensors = this.#sensors;
    const due = this.#numbers;
    const now = floor(this.#clock.uptime());
    let next = Number.POSITIVE_INFINITY;
    let channel = 0;
    for (let i = 0; i < sensors.length; i++) {
      const { interval, channels } = sensors[i] as SensorConfig;
      let turn = due[i] as number;
      const isDue = this.#running && now >= turn;
      if (isDue || this.#isForced) {
        const values = this.sample(i, now);
        const time = interval >= 1000 ? now - (now % 1000) : now;
        for (let j = 0; values !== undefined && j < channels.length; j++) {
          try {
            const mantissa = this.measure(i, channel + j, channels[j] as ChannelConfig, values, time);
            if (mantissa !== undefined) this.#handler.reading(channel + j, mantissa, time);
          } catch (error) {
            this.fail(i, error);
          }
        }
        if (isDue) turn += interval * (floor((now - turn) / interval) + 1);
        due[i] = turn;
      }
      if (turn < next) next = turn;
      channel += channels.length;
    }
    this.#handler.sampled();
    if (!this.#running || next === Number.POSITIVE_INFINITY) return;
    // From now, not from before the sampling: slow sensors make no turn late.
    const delay = next - this.#clock.uptime();
    this.#timer = this.#clock.setTimer(this.#tick, delay > 0 ? delay : 0);
  }

  /** What the sensor gives; undefined where that is nothing. */
  private sample(index: number, now: number): SensorSample | undefined {
    try {
      return (this.#sensors[index] as SensorConfig).sensor.sample(now) ?? undefined; // null: not in the port's type, but drivers give it
    } catch (error) {
      this.fail(index, error);
      return undefined;
    }
  }

  /** A channel's mantissa, where there is one to report. */
  private measure(
    sensor: number,
    index: number,
    channel: ChannelConfig,
    values: SensorSample,
    time: number,
  ): number | undefined {
    const value = valueAt(values, channel.property);
    if (!(this.#running || this.#isForced) || value === undefined) return undefined; // a driver leaves out what it could not read
    const mantissa = typeof value === "number" ? round(value * 10 ** channel.digits) : Number.NaN;
    if (typeof value !== "number" || !(mantissa >= -MAX_MANTISSA && mantissa <= MAX_MANTISSA)) {
      this.#handler.failed(sensor, `${channel.property} is ${value}`);
      return undefined;
    }
    const { deadband } = channel;
    const isNews = deadband === undefined || this.isNews(sensor, index, deadband, value, time);
    if (!isNews && !this.#isForced) return undefined;
    // -0 has no encoding of its own, and is not what a register holds.
    return mantissa === 0 ? 0 : mantissa;
  }

  /** Whether a value is to be reported although there is a dead band; if so it is the last one reported. */
  private isNews(sensor: number, index: number, deadband: number, value: number, time: number): boolean {
    const { heartbeat = DEFAULT_HEARTBEAT } = this.#sensors[sensor] as SensorConfig;
    const numbers = this.#numbers;
    const reported = this.#sensors.length + index;
    const reportedAt = reported + this.#channels;
    const isQuiet = time - (numbers[reportedAt] as number) < heartbeat;
    if (isQuiet && abs(value - (numbers[reported] as number)) < deadband) return false;
    numbers[reported] = value;
    numbers[reportedAt] = time;
    return true;
  }

  private fail(sensor: number, error: unknown): void {
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
