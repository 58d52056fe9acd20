import { describe, expect, test } from "@jest/globals";
import type { Sensor } from "../../../agent/ports/sensor.js";
import { compensate, readTrimming } from "../../../firmware/drivers/bme280-compensation.js";
import { loadFirmware } from "./board.js";

/** BST-BMP280-DS001 §3.12, page 23: the example's trimming parameters, and made-up ones of humidity, for which there is no example. Given from memory of that page. */
const T = [27_504, 26_435, -1000] as const;
const P = [36_477, -10_685, 3024, 2855, 140, -7, 15_500, -14_600, 6000];
const H = [75, 362, 0, 315, 50, 30] as const;
const RAW_TEMPERATURE = 519_888;
const RAW_PRESSURE = 415_148;
const RAW_HUMIDITY = 28_000;

/** The registers 0x88 to 0xa1, and 0xe1 to 0xe7, that hold these parameters (BST-BME280-DS001 §4.2.2, table 16). */
function registersOf([h1, h2, h3, h4, h5, h6]: readonly number[] = H): [Uint8Array, Uint8Array] {
  const first = new DataView(new ArrayBuffer(26));
  [...T, ...P].forEach((value, i) => {
    first.setUint16(2 * i, value & 0xffff, true);
  });
  first.setUint8(25, h1 as number);
  const second = new DataView(new ArrayBuffer(7));
  second.setInt16(0, h2 as number, true);
  second.setUint8(2, h3 as number);
  second.setUint8(3, ((h4 as number) >> 4) & 0xff);
  second.setUint8(4, ((h4 as number) & 0x0f) | (((h5 as number) & 0x0f) << 4));
  second.setUint8(5, ((h5 as number) >> 4) & 0xff);
  second.setInt8(6, h6 as number);
  return [new Uint8Array(first.buffer), new Uint8Array(second.buffer)];
}

/** Humidity in 32 bit integers (BST-BME280-DS001 §4.2.3), a second way to the same number. Percent. */
function humidityInIntegers(raw: number, fine: number, [h1, h2, h3, h4, h5, h6]: readonly number[]): number {
  const n = (value: number | undefined) => BigInt(value as number);
  let v = n(fine) - 76_800n;
  const gain =
    ((((((v * n(h6)) >> 10n) * (((v * n(h3)) >> 11n) + 32_768n)) >> 10n) + 2_097_152n) * n(h2) + 8192n) >>
    14n;
  v = (((n(raw) << 14n) - (n(h4) << 20n) - n(h5) * v + 16_384n) >> 15n) * gain;
  v -= ((((v >> 15n) * (v >> 15n)) >> 7n) * n(h1)) >> 4n;
  v = v < 0n ? 0n : v > 419_430_400n ? 419_430_400n : v;
  return Number(v >> 12n) / 1024;
}

describe("compensation", () => {
  const trimming = readTrimming(...registersOf());

  test("trimming parameters are read with their signs, the two of 12 bits too", () => {
    expect(trimming).toEqual({ temperature: T, pressure: P, humidity: H });
    const negative = [1, -2, 3, -4, -5, -6] as const;
    expect(readTrimming(...registersOf(negative)).humidity).toEqual(negative);
  });

  test("the datasheet's example: t_fine 128,422, 25.08 Cel, 100,653.27 Pa", () => {
    const { temperature, pressure } = compensate(
      { temperature: RAW_TEMPERATURE, pressure: RAW_PRESSURE, humidity: 0 },
      trimming,
    );
    expect(temperature).toBeCloseTo(25.08, 2);
    // t_fine, which the example gives too.
    expect(Math.trunc(temperature * 5120)).toBe(128_422);
    expect(pressure).toBeCloseTo(100_653.27, 1);
  });

  test.each([0, 15_000, 22_000, 28_000, 35_000, 45_000, 65_535])(
    "humidity of %i is that of the integer formula",
    (raw) => {
      const { humidity } = compensate({ temperature: RAW_TEMPERATURE, pressure: 0, humidity: raw }, trimming);
      // t_fine of the datasheet's example.
      expect(humidity * 100).toBeCloseTo(humidityInIntegers(raw, 128_422, H), 1);
    },
  );

  test("humidity at -10 Cel too, where the correction for temperature is the other way", () => {
    const { humidity, temperature } = compensate(
      { temperature: 405_000, pressure: 0, humidity: 30_000 },
      trimming,
    );
    expect(humidity * 100).toBeCloseTo(humidityInIntegers(30_000, Math.floor(temperature * 5120), H), 1);
  });
});

/** The sensor's registers on a bus: the first byte written is an address, further ones go from there on. */
class FakeBus {
  static registers = new Uint8Array(256);
  static written: number[][] = [];
  static options: object = {};
  static isClosed = false;
  static busy = 0;
  #at = 0;

  constructor(options: object) {
    FakeBus.options = options;
    FakeBus.isClosed = false;
  }

  write(bytes: Uint8Array): void {
    this.#at = bytes[0] as number;
    if (bytes.length > 1) FakeBus.written.push([...bytes]);
    if (bytes.length > 1 && this.#at === 0xf4) FakeBus.busy = 3;
  }

  read(into: Uint8Array): void {
    into.set(FakeBus.registers.subarray(this.#at, this.#at + into.length));
    if (this.#at === 0xf3 && FakeBus.busy > 0) into[0] = FakeBus.busy-- > 0 ? 8 : 0;
  }

  close(): void {
    FakeBus.isClosed = true;
  }
}

type BME280 = new (options: object) => Sensor;
const delays: number[] = [];
const { BME280 } = loadFirmware<{ BME280: BME280 }>("drivers/bme280.ts", {
  timer: { default: { delay: (ms: number) => delays.push(ms) } },
});

function open(): Sensor {
  FakeBus.written = [];
  FakeBus.busy = 0;
  const [first, second] = registersOf();
  FakeBus.registers.fill(0);
  FakeBus.registers[0xd0] = 0x60;
  FakeBus.registers.set(first, 0x88);
  FakeBus.registers.set(second, 0xe1);
  const [p, t, h] = [RAW_PRESSURE << 4, RAW_TEMPERATURE << 4, RAW_HUMIDITY];
  FakeBus.registers.set(
    [p >> 16, p >> 8, p, t >> 16, t >> 8, t, h >> 8, h].map((it) => it & 0xff),
    0xf7,
  );
  return new BME280({ sensor: { io: FakeBus, data: 6, clock: 7 } });
}

describe("BME280 on a bus", () => {
  test("is reset when it is opened, and its filter off", () => {
    open();
    expect(FakeBus.written).toEqual([
      [0xe0, 0xb6],
      [0xf5, 0],
    ]);
    expect(FakeBus.options).toMatchObject({ address: 0x76, hz: 400_000, data: 6, clock: 7 });
  });

  test("a sample is one forced measurement, read when it is finished", () => {
    const sensor = open();
    FakeBus.written = [];
    delays.length = 0;
    expect(sensor.sample()).toEqual({
      thermometer: { temperature: expect.closeTo(25.08, 2) },
      barometer: { pressure: expect.closeTo(100_653.27, 1) },
      hygrometer: { humidity: expect.closeTo(humidityInIntegers(RAW_HUMIDITY, 128_422, H) / 100, 3) },
    });
    expect(FakeBus.written).toEqual([
      [0xf2, 1],
      [0xf4, 0b001_001_01],
    ]);
    expect(delays).toEqual([1, 1, 1]);
  });

  test("oversampling is configured by its code", () => {
    const sensor = open();
    sensor.configure({ oversampling: 5 });
    FakeBus.written = [];
    sensor.sample();
    expect(FakeBus.written).toEqual([
      [0xf2, 5],
      [0xf4, 0b101_101_01],
    ]);
    for (const oversampling of [0, 6, 1.5, "2"])
      expect(() => sensor.configure({ oversampling })).toThrow(/^oversampling: /);
  });

  test("another chip is refused, and the bus closed", () => {
    open();
    FakeBus.registers[0xd0] = 0x58;
    expect(() => new BME280({ sensor: { io: FakeBus } })).toThrow(/no BME280: the chip says 88/);
    expect(FakeBus.isClosed).toBe(true);
  });

  test.each([
    ["pressure", 0xf7, [0x80, 0, 0]],
    ["temperature", 0xfa, [0x80, 0, 0]],
    ["humidity", 0xfd, [0x80, 0]],
  ])("%s that was not measured is an error, after three tries", (_name, register, bytes) => {
    const sensor = open();
    FakeBus.registers.set(bytes, register);
    FakeBus.written = [];
    expect(() => sensor.sample()).toThrow(/nothing was measured/);
    expect(FakeBus.written.filter(([at]) => at === 0xf4)).toHaveLength(3);
  });

  test("a sensor that stays busy is an error, not a board that hangs", () => {
    const sensor = open();
    FakeBus.registers[0xf3] = 1;
    expect(() => sensor.sample()).toThrow(/busy for 150 ms/);
  });
});
