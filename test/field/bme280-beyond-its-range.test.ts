import { describe, expect, test } from "@jest/globals";
import { createSampler } from "../../agent/sampler.js";
import { openSensors } from "../../firmware/sensors.js";
import { loadFirmware } from "../firmware/boards/board.js";
import { BoschChip } from "../firmware/boards/chips.js";
import { VirtualClock } from "../support/virtual-clock.js";

const clock = new VirtualClock();
const { BME280 } = loadFirmware<{ BME280: new (options: object) => never }>("drivers/bme280.ts", {
  timer: { default: { delay: (ms: number) => clock.stall(ms) } },
});

const channels = ["thermometer.temperature", "barometer.pressure", "hygrometer.humidity"].map(
  (property, i) => ({ property, name: `q${i}`, unit: "1", digits: 2 }),
);

/** What a board reads, and what it reports, of a BME280 whose data registers hold this byte. */
function sampled(byte: number | undefined) {
  const chip = new BoschChip(() => clock.uptime(), 0x60, 8);
  if (byte !== undefined) {
    const bits = byte === 0 ? 0 : 0xfffff;
    Object.assign(chip.raw, { pressure: bits, temperature: bits, humidity: bits >> 4 });
  }
  class Bus {
    write = (bytes: Uint8Array) => chip.write(bytes);
    read = (into: Uint8Array) => chip.read(into);
    close(): void {}
  }
  const readings: number[] = [];
  const failures: string[] = [];
  const sensors = openSensors([{ kind: "bme280", options: {}, interval: 60_000, channels } as never], {
    bme280: () => new BME280({ sensor: { io: Bus } }),
  });
  const handler = {
    reading: (_: number, mantissa: number) => void readings.push(mantissa),
    failed: (_: number, reason: string) => void failures.push(reason),
    sampled() {},
  };
  createSampler(sensors, clock, handler).once();
  return { readings, failures };
}

describe("a BME280 beyond its range", () => {
  test.each([0x00, 0xff])("a bus that gives %i for all data: a failure, and no reading", (byte) => {
    const { readings, failures } = sampled(byte);
    expect(readings).toEqual([]);
    expect(failures).toEqual(["bme280: its data are all zeros or all ones"]);
  });

  test("as it should be, it reads", () => {
    expect(sampled(undefined)).toMatchObject({
      failures: [],
      readings: [2508, 10065326, expect.any(Number)],
    });
  });
});
