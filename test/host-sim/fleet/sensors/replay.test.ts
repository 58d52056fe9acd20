import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "@jest/globals";
import { isSenmlName } from "../../../../agent/frame/name.js";
import { isSenmlUnit } from "../../../../agent/frame/units.js";
import { InputError } from "../../../../agent/input-error.js";
import {
  createReplaySensors,
  readRecording,
  replaySensors,
} from "../../../../host-sim/fleet/sensors/replay.js";

const RECORDED = join(__dirname, "..", "..", "..", "..", "data", "seattle-climate-hourly.csv");
const folder = mkdtempSync(join(tmpdir(), "fieldmark-"));

afterAll(() => rmSync(folder, { recursive: true }));

function fileOf(text: string): string {
  const file = join(folder, "recording.csv");
  writeFileSync(file, text);
  return file;
}

describe("the recorded climate", () => {
  const recording = readRecording(RECORDED);
  const [climate] = replaySensors(recording, { offset: 0 });

  test("is a year of hours", () => {
    expect(recording.rows).toHaveLength(365 * 24 - 1);
  });

  test("starts with the first hour of January", () => {
    expect(climate?.sensor.sample()).toEqual({ pressure: 1016.6, temperature: 4, wind: 3.8 });
  });

  test.each(climate?.channels ?? [])(
    "$name: registered unit, short name, and all values in range",
    (channel) => {
      expect(isSenmlUnit(channel.unit)).toBe(true);
      expect(isSenmlName(channel.name)).toBe(true);
      expect(channel.name.length).toBeLessThanOrEqual(11);
      const column = recording.columns.indexOf(channel.property);
      const values = recording.rows.map((row) => row[column] as number);
      expect(Math.min(...values)).toBeGreaterThanOrEqual(channel.min);
      expect(Math.max(...values)).toBeLessThanOrEqual(channel.max);
      const kept = values.map((value) => Number(value.toFixed(channel.digits)));
      expect(kept).toEqual(values);
    },
  );
});

describe("replaying", () => {
  const text = "wind,temperature,pressure\n1,10,1000\n2,20,1001\n3,30,1002\n";
  const winds = (offset: number, speed?: number) => {
    const options = speed === undefined ? { offset } : { offset, speed };
    const [climate] = createReplaySensors({ file: fileOf(text), ...options });
    return Array.from({ length: 4 }, () => climate?.sensor.sample()?.wind);
  };

  test.each<[string, number, number | undefined, number[]]>([
    ["from the start, round to the start again", 0, undefined, [1, 2, 3, 1]],
    ["from another hour", 1, undefined, [2, 3, 1, 2]],
    ["from an hour beyond the end", 5, undefined, [3, 1, 2, 3]],
    ["from an hour before the start", -1, undefined, [3, 1, 2, 3]],
    ["two hours a reading", 0, 2, [1, 3, 2, 1]],
  ])("%s", (_title, offset, speed, expected) => {
    expect(winds(offset, speed)).toEqual(expected);
  });

  test("columns are found by name, in any order, with CRLF too", () => {
    const [climate] = createReplaySensors({ file: fileOf(text.replaceAll("\n", "\r\n")), offset: 1 });
    expect(climate?.sensor.sample()).toEqual({ wind: 2, temperature: 20, pressure: 1001 });
  });

  test("boards that share a recording do not share their place in it", () => {
    const recording = readRecording(fileOf(text));
    const [one] = replaySensors(recording, { offset: 0 });
    const [two] = replaySensors(recording, { offset: 0 });
    one?.sensor.sample();
    expect(two?.sensor.sample()?.wind).toBe(1);
  });

  test.each([
    ["offset", { offset: 0.5 }, /^offset: .*0\.5/],
    ["offset", { offset: Number.NaN }, /^offset: .*NaN/],
    ["speed", { offset: 0, speed: 0 }, /^speed: .*0/],
    ["speed", { offset: 0, speed: 1.5 }, /^speed: .*1\.5/],
  ])("a %s of another kind is an InputError: %p", (_name, options, message) => {
    const recording = readRecording(fileOf(text));
    expect(() => replaySensors(recording, options)).toThrow(InputError);
    expect(() => replaySensors(recording, options)).toThrow(message);
  });

  test.each([
    ["a missing column", "wind,pressure\n1,2\n", /recording\.csv: no column "temperature"/],
    ["no rows", "wind,temperature,pressure\n", /recording\.csv: no rows/],
    ["a field too few", `${text}1,2\n`, /recording\.csv, line 5: expected 3 numbers, found "1,2"/],
    ["an empty field", `${text}1,,3\n`, /line 5: .*"1,,3"/],
    ["no number", `${text}1,two,3\n`, /line 5: .*"1,two,3"/],
    [
      "a mark for what was not measured",
      `${text}1,-999,1000\n`,
      /line 5: a temperature of -999 is outside of -90 to 60/,
    ],
    ["a pressure of nowhere", `${text}1,10,0\n`, /line 5: a pressure of 0 is outside of 860 to 1100/],
    ["an empty file", "", /no column/],
  ])("%s is refused by name", (_title, bad, message) => {
    expect(() => readRecording(fileOf(bad))).toThrow(message);
  });

  test("a missing file is an error that names it", () => {
    expect(() => createReplaySensors({ file: join(folder, "none.csv"), offset: 0 })).toThrow(
      /ENOENT.*none\.csv/,
    );
  });
});
