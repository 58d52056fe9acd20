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

interface Channel {
  readonly path: readonly string[];
  readonly scale: number;
  readonly deadband: number;
  readonly heartbeat: number;
  reported: number;
  reportedAt: number;
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
  const channels: Channel[] = [];
  const firstChannel: number[] = [];
  for (const { channels: configs, heartbeat } of sensors) {
    firstChannel.push(channels.length);
    for (const { property, digits, deadband } of configs)
      channels.push({
        path: property.split("."),
        scale: 10 ** digits,
        deadband: deadband ?? 0,
        heartbeat: heartbeat ?? DEFAULT_HEARTBEAT,
        reported: Number.NaN,
        reportedAt: 0,
      });
  }
  const due: number[] = [];
  let timer: Timer | undefined;

  function sample(index: number, now: number): void {
    const { sensor, channels: configs, interval } = sensors[index] as SensorConfig;
    let values: SensorSample | undefined;
    try {
      values = sensor.sample();
    } catch (error) {
      fail(index, error);
      return;
    }
    if (values === undefined || values === null) return; // null: not in the port's type, but drivers give it
    const time = interval >= 1000 ? now - (now % 1000) : now;
    const first = firstChannel[index] as number;
    for (let i = 0; i < configs.length; i++) report(index, first + i, values, time);
  }

  function fail(sensor: number, error: unknown): void {
    handler.failed(sensor, error instanceof Error ? error.message : String(error));
  }

  function report(sensor: number, index: number, values: SensorSample, time: number): void {
    const channel = channels[index] as Channel;
    let value: unknown;
    try {
      value = valueAt(values, channel.path);
    } catch (error) {
      fail(sensor, error);
      return;
    }
    if (!running || value === undefined) return; // a driver leaves out what it could not read
    const mantissa = typeof value === "number" ? Math.round(value * channel.scale) : Number.NaN;
    if (typeof value !== "number" || !Number.isSafeInteger(mantissa)) {
      handler.failed(sensor, `${channel.path.join(".")} is ${value}`);
      return;
    }
    const quiet = time - channel.reportedAt < channel.heartbeat;
    if (quiet && Math.abs(value - channel.reported) < channel.deadband) return;
    channel.reported = value;
    channel.reportedAt = time;
    // -0 has no encoding of its own, and is not what a register holds.
    handler.reading(index, mantissa === 0 ? 0 : mantissa, time);
  }

  function run(): void {
    timer = undefined;
    const now = Math.floor(clock.uptime());
    let next = Number.POSITIVE_INFINITY;
    for (let i = 0; i < sensors.length; i++) {
      const { interval } = sensors[i] as SensorConfig;
      let turn = due[i] as number;
      if (running && now >= turn) {
        sample(i, now);
        turn += interval * (Math.floor((now - turn) / interval) + 1);
        due[i] = turn;
      }
      next = Math.min(next, turn);
    }
    if (!running || next === Number.POSITIVE_INFINITY) return;
    // From now, not from before the sampling: slow sensors make no turn late.
    timer = clock.setTimer(run, Math.max(0, next - clock.uptime()));
  }

  let running = false;
  return {
    start() {
      if (running) return;
      running = true;
      const now = Math.floor(clock.uptime());
      for (let i = 0; i < sensors.length; i++) due[i] = now;
      run();
    },
    stop() {
      running = false;
      if (timer !== undefined) clock.clearTimer(timer);
      timer = undefined;
    },
  };
}

/** What the driver has there, which may be anything; undefined where there is nothing. */
function valueAt(sample: SensorSample, path: readonly string[]): unknown {
  let value: unknown = sample;
  for (const property of path) {
    if (typeof value !== "object" || value === null) return undefined;
    value = (value as SensorSample)[property];
  }
  return value;
}
