import { InputError } from "../../../agent/input-error.js";
import type { Sensor, SensorSample } from "../../../agent/ports/sensor.js";
import { readTextFile } from "../../../node/text-file.js";
import { linesOf } from "../../../text/decode.js";
import type { ChannelSetup, SensorSetup } from "./setup.js";

export interface Recording {
  /** Names of the quantities, as the file's first line has them. */
  readonly columns: readonly string[];
  /** One row an hour. */
  readonly rows: readonly (readonly number[])[];
}

export interface ReplayOptions {
  /** The hour that comes first, from 0. Taken modulo the recording's length, so that any integer will do. */
  readonly offset: number;
  /** Recorded hours from one reading to the next; 1 if left out. */
  readonly speed?: number;
  /** Milliseconds from one sample to the next; 1000 if left out. */
  readonly interval?: number;
}

/** The lowest and highest values measured on Earth, rounded outwards; wind without tornadoes. */
const CHANNELS: readonly ChannelSetup[] = [
  { property: "temperature", name: "temperature", unit: "Cel", digits: 1, min: -90, max: 60 },
  { property: "pressure", name: "pressure", unit: "hPa", digits: 1, min: 860, max: 1100 },
  { property: "wind", name: "wind", unit: "m/s", digits: 1, min: 0, max: 120 },
];

/** Reads `file` and replays it; see readRecording and replaySensors. */
export function createReplaySensors(options: ReplayOptions & { readonly file: string }): SensorSetup[] {
  return replaySensors(readRecording(options.file), options);
}

/**
 * Sensors of a board that measures what was recorded: each reading is `speed` hours after the one before, and
 * after the last hour comes the first. Boards with different offsets differ. A recording may be shared.
 */
export function replaySensors(
  recording: Recording,
  { offset, speed = 1, interval = 1000 }: ReplayOptions,
): SensorSetup[] {
  if (!Number.isSafeInteger(offset)) throw new InputError(`offset: an integer of hours, not ${offset}`);
  if (!Number.isSafeInteger(speed) || speed < 1)
    throw new InputError(`speed: an integer of at least 1 hour, not ${speed}`);
  const sensor = new ReplaySensor(recording, offset, speed);
  return [{ id: "climate", sensor, interval, channels: CHANNELS }];
}

class ReplaySensor implements Sensor {
  readonly #recording: Recording;
  readonly #speed: number;
  #hour: number;

  constructor(recording: Recording, offset: number, speed: number) {
    const hours = recording.rows.length;
    this.#recording = recording;
    this.#speed = speed;
    this.#hour = ((offset % hours) + hours) % hours;
  }

  configure(): void {}

  sample(): SensorSample {
    const { columns, rows } = this.#recording;
    const row = rows[this.#hour] ?? [];
    this.#hour = (this.#hour + this.#speed) % rows.length;
    return Object.fromEntries(columns.map((column, at) => [column, row[at]]));
  }

  close(): void {}
}

/**
 * Reads a CSV file of numbers (RFC 4180 without quotes): names in the first line, then a row an hour.
 * Throws an Error that names the file and the line where it is something else, lacks a quantity, or has a value that was never measured on Earth.
 */
export function readRecording(file: string): Recording {
  const [head = "", ...lines] = linesOf(readTextFile(file).trimEnd());
  const columns = head.split(",");
  for (const { property } of CHANNELS)
    if (!columns.includes(property)) throw new Error(`${file}: no column "${property}" in "${head}"`);
  if (lines.length === 0) throw new Error(`${file}: no rows`);
  const rows = lines.map((line, at) => {
    const fields = line.split(",");
    const row = fields.map(Number);
    const whole = fields.every((field) => field.trim() !== "") && row.every(Number.isFinite);
    if (!whole || row.length !== columns.length)
      throw new Error(`${file}, line ${at + 2}: expected ${columns.length} numbers, found "${line}"`);
    // Recordings mark what was not measured by numbers such as -999.
    for (const { property, min, max } of CHANNELS) {
      const value = row[columns.indexOf(property)] as number;
      if (!(value >= min && value <= max))
        throw new Error(`${file}, line ${at + 2}: a ${property} of ${value} is outside of ${min} to ${max}`);
    }
    return row;
  });
  return { columns, rows };
}
