import { beforeEach, describe, expect, test } from "@jest/globals";
import { createSampler } from "../../../agent/sampler.js";
import type { SensorDriver } from "../../../firmware/platform.js";
import { openSensors } from "../../../firmware/sensors.js";
import { VirtualClock } from "../../support/virtual-clock.js";
import { loadFirmware } from "./board.js";
import { BoschChip, type Chip, type Fault, Sht3xChip, Shtc3Chip, Tmp102Chip, Tmp117Chip } from "./chips.js";

let clock = new VirtualClock();
let chip: Chip;
let isOpen = false;
/** Messages on the bus until it is held so, and for how many. */
let held: { after: number; fault: Fault; messages: number } | undefined;

function message(): Chip {
  if (held !== undefined) {
    const isHeld = held.after <= 0 && held.after > -held.messages;
    chip.fault = isHeld ? held.fault : undefined;
    held.after--;
  }
  return chip;
}

/** The SDK's I2C and SMBus with the chip on it: an address that is open cannot be opened again. */
class Bus {
  #isOpen = true;

  constructor() {
    if (isOpen) throw new RangeError("duplicate address");
    isOpen = true;
  }

  close(): void {
    if (this.#isOpen) isOpen = false;
    this.#isOpen = false;
  }

  write = (bytes: Uint8Array) => (message() as Sht3xChip).write(bytes);
  read = (into: Uint8Array) => (message() as Sht3xChip).read(into);
  readUint16 = (register: number, isBigEndian: boolean) =>
    (message() as Tmp117Chip).readUint16(register, isBigEndian);
  writeUint16 = (register: number, value: number, isBigEndian: boolean) =>
    (message() as Tmp117Chip).writeUint16(register, value, isBigEndian);
}

const { DRIVERS } = loadFirmware<{ DRIVERS: { readonly [kind: string]: SensorDriver } }>("esp32/drivers.ts", {
  "embedded:io/analog": { default: class {} },
  "embedded:io/digital": { default: class {} },
  "embedded:io/pulsecount": { default: class {} },
  "embedded:io/i2c": { default: Bus },
  "embedded:io/smbus": { default: Bus },
  timer: { default: { delay: (ms: number) => clock.stall(ms) } },
});

type Damage<C extends Chip> = readonly [what: string, chip: (chip: C) => void];
interface Case {
  readonly kind: string;
  readonly make: (now: () => number) => Chip;
  /** Of the quantities that it has: thousandths of what the model holds. */
  readonly reading: { readonly [property: string]: number };
  readonly damages: readonly Damage<never>[];
}

const TEMPERATURE = "thermometer.temperature";
const PRESSURE = "barometer.pressure";
const HUMIDITY = "hygrometer.humidity";

const air: readonly Damage<BoschChip>[] = [
  ["another chip", (it) => (it.id = 0x61)],
  ["trimming of zeros", (it) => it.trimming.fill(0)],
  ["trimming of ones", (it) => it.trimming.fill(0xff)],
  ["a T1 of 0", (it) => it.trimming.fill(0, 0, 2)],
  ["a P1 of 0", (it) => it.trimming.fill(0, 6, 8)],
  ["data of zeros", (it) => Object.assign(it.raw, { pressure: 0, temperature: 0, humidity: 0 })],
  [
    "data of ones",
    (it) => Object.assign(it.raw, { pressure: 0xfffff, temperature: 0xfffff, humidity: 0xffff }),
  ],
  ["a temperature that was skipped", (it) => (it.raw.temperature = 0x80000)],
  ["a pressure that was skipped", (it) => (it.raw.pressure = 0x80000)],
  ["below -40 Cel", (it) => (it.raw.temperature = 310_000)],
  ["above 85 Cel", (it) => (it.raw.temperature = 720_000)],
  ["below 300 hPa", (it) => (it.raw.pressure = 850_000)],
  ["above 1,100 hPa", (it) => (it.raw.pressure = 340_000)],
];
const humid: readonly Damage<BoschChip>[] = [
  ["humidity that was skipped", (it) => (it.raw.humidity = 0x8000)],
  ["humidity of zeros", (it) => (it.raw.humidity = 0)],
  ["humidity of ones", (it) => (it.raw.humidity = 0xffff)],
  ["humidity's trimming of zeros", (it) => (it.humidityTrimming = new Array(7).fill(0))],
  ["humidity's trimming of ones", (it) => (it.humidityTrimming = new Array(7).fill(0xff))],
];
const climate: readonly Damage<Sht3xChip>[] = [
  ["a checksum that is wrong", (it) => (it.isNoisy = true)],
  ["below -40 Cel", (it) => (it.raw.temperature = 1800)],
  ["the lowest value", (it) => (it.raw.temperature = 0)],
  ["above 125 Cel", (it) => (it.raw.temperature = 63_800)],
];

const CASES: readonly Case[] = [
  {
    kind: "tmp117",
    make: (now) => new Tmp117Chip(now),
    reading: { temperature: 25_000 },
    damages: [
      ["another chip", (it) => (it.id = 0x0116)],
      ["the reset state", (it) => (it.raw = -0x8000)],
      ["below -55 Cel", (it) => (it.raw = -55 * 128 - 1)],
      ["above 150 Cel", (it) => (it.raw = 150 * 128 + 1)],
    ] satisfies Damage<Tmp117Chip>[],
  },
  {
    kind: "tmp102",
    make: (now) => new Tmp102Chip(now),
    reading: { temperature: 25_000 },
    damages: [
      ["below -40 Cel", (it) => (it.raw = -40 * 16 - 1)],
      ["above 125 Cel", (it) => (it.raw = 125 * 16 + 1)],
    ] satisfies Damage<Tmp102Chip>[],
  },
  {
    kind: "bme280",
    make: (now) => new BoschChip(now, 0x60, 8),
    reading: { [TEMPERATURE]: 25_082, [PRESSURE]: 100_653_258, [HUMIDITY]: 431 },
    damages: [...air, ...humid],
  },
  {
    kind: "bmp280",
    make: (now) => new BoschChip(now, 0x58, 6),
    reading: { [TEMPERATURE]: 25_082, [PRESSURE]: 100_653_258 },
    damages: air,
  },
  {
    kind: "sht3x",
    make: (now) => new Sht3xChip(now),
    reading: { [TEMPERATURE]: 25_000, [HUMIDITY]: 50_001 },
    damages: climate,
  },
  {
    kind: "shtc3",
    make: (now) => new Shtc3Chip(now),
    reading: { [TEMPERATURE]: 24_999, [HUMIDITY]: 50_000 },
    damages: [...climate, ["another chip", (it: Shtc3Chip) => (it.id = 0x0886)] as Damage<Shtc3Chip>],
  },
];
const FAULTS: readonly Fault[] = ["gone", "low", "high", "stuck", "busy"];

const MINUTE = 60_000;

/** A board's sampler with this sensor, and what it reads and reports in the turns from one look to the next. */
function board({ kind, reading }: Case) {
  const properties = Object.keys(reading);
  const channels = properties.map((property, i) => ({ property, name: `q${i}`, unit: "1", digits: 3 }));
  const sensors = openSensors([{ kind, options: {}, interval: MINUTE, channels } as never], DRIVERS);
  let readings: { [property: string]: number }[] = [];
  let failures: string[] = [];
  createSampler(sensors, clock, {
    reading: (channel, mantissa) => readings.push({ [properties[channel] as string]: mantissa }),
    failed: (_, reason) => failures.push(reason),
    sampled() {},
  }).start();
  return {
    look() {
      const seen = { readings: Object.assign({}, ...readings), failures };
      readings = [];
      failures = [];
      return seen;
    },
    minutes(count: number) {
      clock.advance(count * MINUTE);
      return this.look();
    },
  };
}

beforeEach(() => {
  clock = new VirtualClock();
  isOpen = false;
  held = undefined;
});

describe.each(CASES)("$kind", (it) => {
  const start = () => {
    chip = it.make(() => clock.uptime());
    chip.power();
  };
  const isFine = (seen: object) => expect(seen).toEqual({ readings: it.reading, failures: [] });

  test("gives what the chip measured, from the first sample on", () => {
    start();
    const sensor = board(it);
    isFine(sensor.look());
    isFine(sensor.minutes(1));
  });

  test("and after a warm start, in which the chip keeps its power", () => {
    start();
    board(it);
    clock.advance(3 * MINUTE + 7);
    isOpen = false;
    isFine(board(it).look());
  });

  test.each(FAULTS)(
    "a bus or chip that is %s at the start: nothing but failures; then the truth",
    (fault) => {
      start();
      chip.fault = fault;
      const sensor = board(it);
      const { readings, failures } = sensor.minutes(2);
      expect(readings).toEqual({});
      expect(failures).toHaveLength(3);
      clock.advance(MINUTE - 1);
      sensor.look();
      chip.fault = undefined;
      chip.power(); // just now: nothing is converted yet
      isFine(sensor.minutes(1));
    },
  );

  test.each(FAULTS)("one that becomes %s: nothing but failures; then the truth", (fault) => {
    start();
    const sensor = board(it);
    sensor.look();
    chip.power(); // and it lost what was set
    chip.fault = fault;
    const { readings, failures } = sensor.minutes(3);
    expect(readings).toEqual({});
    expect(failures).toHaveLength(3);
    chip.fault = undefined;
    clock.advance(MINUTE - 1);
    sensor.look();
    chip.power();
    isFine(sensor.minutes(1));
  });

  test("one that is never done any more, and still holds what it measured before", () => {
    start();
    const sensor = board(it);
    sensor.look();
    chip.fault = "busy";
    const { readings, failures } = sensor.minutes(2);
    expect(readings).toEqual({});
    expect(failures).toHaveLength(2);
    chip.fault = undefined;
    isFine(sensor.minutes(1));
  });

  test.each(["low", "high", "gone"] as const)(
    "a bus that goes %s at any moment: nothing, or the truth",
    (fault) => {
      for (let after = 0; after < 20; after++) {
        clock = new VirtualClock(); // no sensor of the turn before is read
        start();
        isOpen = false;
        held = undefined;
        const sensor = board(it);
        sensor.look();
        held = { after, fault, messages: Number.POSITIVE_INFINITY };
        const { readings, failures } = sensor.minutes(1);
        expect([after, readings]).toEqual([after, failures.length > 0 ? {} : it.reading]);
      }
    },
  );

  test.each(it.damages)("%s: nothing but failures, from the start and later on", (_what, damage) => {
    start();
    (damage as (chip: Chip) => void)(chip);
    const sensor = board(it);
    const { readings, failures } = sensor.minutes(1);
    expect(readings).toEqual({});
    expect(failures).toHaveLength(2);
    clock.advance(MINUTE - 1);
    sensor.look();
    start(); // another one in its place
    isFine(sensor.minutes(1));
  });

  test("another sensor in its place is read by its own trimming, not by that of the one before", () => {
    start();
    const sensor = board(it);
    chip.fault = "gone";
    sensor.minutes(1);
    start();
    if (chip instanceof BoschChip) chip.trimming[0] = (chip.trimming[0] as number) + 20;
    const seen = sensor.minutes(1);
    isOpen = false;
    expect(seen).toEqual(board(it).look());
    expect(seen.readings).toEqual(
      chip instanceof BoschChip ? expect.not.objectContaining(it.reading) : it.reading,
    );
  });
});

test("tmp102: one message that is lost on a bus that is high is no temperature", () => {
  const it = CASES.find(({ kind }) => kind === "tmp102") as Case;
  for (let after = 0; after < 10; after++) {
    clock = new VirtualClock();
    chip = it.make(() => clock.uptime());
    chip.power();
    isOpen = false;
    held = undefined;
    const sensor = board(it);
    sensor.look();
    held = { after, fault: "high", messages: 1 };
    const { readings, failures } = sensor.minutes(1);
    expect([after, readings]).toEqual([after, failures.length > 0 ? {} : it.reading]);
  }
});

test("tmp117: what it had ready before it was asked is no answer", () => {
  const it = CASES.find(({ kind }) => kind === "tmp117") as Case;
  const tmp117 = new Tmp117Chip(() => clock.uptime());
  chip = tmp117;
  chip.power();
  clock.advance(1000);
  tmp117.pass();
  chip.fault = "busy";
  const { readings, failures } = board(it).look();
  expect(readings).toEqual({});
  expect(failures).toHaveLength(1);
});
