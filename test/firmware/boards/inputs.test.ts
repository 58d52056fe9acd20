import { describe, expect, test } from "@jest/globals";
import { AnalogInput } from "../../../firmware/drivers/analog-input.js";
import { checkOptions } from "../../../firmware/drivers/check-options.js";
import { PulseCounter, type PulseSource } from "../../../firmware/drivers/pulse-counter.js";
import { loadFirmware } from "./board.js";

class FakeAnalog {
  static readings: number[] = [];
  static options: object = {};
  readonly resolution = 12;

  constructor(options: object) {
    FakeAnalog.options = options;
  }

  read(): number {
    return FakeAnalog.readings.shift() as number;
  }

  close(): void {}
}

const settingsOf = (kind: string, options: object) => ({
  sensors: [{ kind, options, interval: 1000, channels: [] }],
});

describe("analog input", () => {
  test.each([
    ["nothing is 0", { ends: true }, [0, 0], { ratio: 0, quantity: 0 }],
    ["all of 12 bits is 1", { ends: true }, [4095, 4095], { ratio: 1, quantity: 1 }],
    ["readings are averaged", {}, [1, 4094], { ratio: 0.5, quantity: 0.5 }],
    ["4 to 20 mA over 0 to 100 kPa", { low: -25, high: 100 }, [819, 819], { ratio: 0.2, quantity: 0 }],
    ["a scale that falls", { low: 10, high: 0, ends: true }, [4095, 4095], { ratio: 1, quantity: 0 }],
  ])("%s", (_name, options, readings, sample) => {
    const sensor = new AnalogInput({ ...options, readings: 2, input: { io: FakeAnalog, pin: 1 } as never });
    FakeAnalog.readings = [...readings];
    expect(sensor.sample()).toEqual({
      ratio: expect.closeTo(sample.ratio, 9),
      quantity: expect.closeTo(sample.quantity, 9),
    });
    expect(FakeAnalog.options).toMatchObject({ pin: 1 });
  });

  test.each([
    ["an open or shorted input", {}, [0, 0], "analog: 0 is an end of the scale of 0 to 4095"],
    ["one that is overloaded", {}, [4095, 4095], "analog: 4095 is an end"],
    ["one that is overloaded at times", {}, [2000, 4095], "analog: 4095 is an end"],
    ["a converter that gives nothing", { ends: true }, [2000, undefined], "analog: undefined"],
    ["a converter beyond its scale", { ends: true }, [2000, 4096], "analog: 4096"],
  ])("%s gives no reading", (_name, options, readings, message) => {
    const sensor = new AnalogInput({ ...options, readings: 2, input: { io: FakeAnalog } as never });
    FakeAnalog.readings = readings as number[];
    expect(() => sensor.sample()).toThrow(message);
  });

  test.each([
    ["no readings", { readings: 0 }, /^readings: /],
    ["65 readings", { readings: 65 }, /^readings: /],
    ["a limit that is none", { low: Number.NaN }, /^low, high: /],
    ["a limit without end", { high: Number.POSITIVE_INFINITY }, /^low, high: /],
    ["a text as a limit, to which the rest would be added", { low: "5" }, /^low, high: /],
    [
      "a scale whose ends are the same: it says that whatever it reads",
      { low: 21.5, high: 21.5 },
      /^low, high: /,
    ],
    ["the same by its other end", { low: 1 }, /^low, high: /],
    ["a scale that no reading shows", { low: 0, high: 1e-10 }, /^low, high: /],
    ["ends that are neither true nor false", { ends: 1 }, /^ends: /],
  ])("%s: is refused, as it is opened and as it is set", (_name, options, message) => {
    expect(() => new AnalogInput({ ...options, input: { io: FakeAnalog } } as never)).toThrow(message);
    expect(() => checkOptions(settingsOf("analog", options))).toThrow(/^sensors\[0\]\.options\./);
  });
});

class FakeCount implements PulseSource {
  static count = 0;

  read(): number {
    return FakeCount.count;
  }

  close(): void {}
}

describe("pulse counter", () => {
  test("a rain gauge of 0.2794 mm a tip", () => {
    const sensor = new PulseCounter({ perPulse: 0.2794, counter: { io: FakeCount } });
    FakeCount.count = 0;
    expect(sensor.sample()).toEqual({ count: 0, quantity: 0 });
    FakeCount.count = 10;
    expect(sensor.sample()).toEqual({ count: 10, quantity: expect.closeTo(2.794, 9) });
  });

  test("more pulses than the meter can give are none: that sample fails, and they do not count", () => {
    FakeCount.count = 0;
    const sensor = new PulseCounter({ perPulse: 2, most: 10, counter: { io: FakeCount } });
    const at = (seconds: number, count: number) => {
      FakeCount.count = count;
      return sensor.sample(seconds * 1000);
    };
    expect(at(0, 0)).toEqual({ count: 0, quantity: 0 });
    expect(at(10, 101)).toEqual({ count: 101, quantity: 202 });
    expect(() => at(20, 601)).toThrow("pulses: 500 in 10 s are more than 10 a second");
    expect(at(30, 605)).toEqual({ count: 105, quantity: 210 });
  });

  test.each([0, -1, Number.NaN])("at most %p pulses a second are refused", (most) => {
    expect(() => new PulseCounter({ most, counter: { io: FakeCount } })).toThrow(/^most: /);
  });

  test.each([0, -1, 1e-10, "1", Number.POSITIVE_INFINITY, Number.NaN])(
    "%p a pulse is refused",
    (perPulse) => {
      expect(() => new PulseCounter({ perPulse, counter: { io: FakeCount } } as never)).toThrow(
        /^perPulse: /,
      );
      for (const kind of ["pulses", "quadrature"])
        expect(() => checkOptions(settingsOf(kind, { perPulse }))).toThrow(
          /^sensors\[0\]\.options\.perPulse: /,
        );
    },
  );

  test("what is right is taken", () => {
    checkOptions(settingsOf("analog", { low: 85, high: -40, ends: true }));
    checkOptions(settingsOf("pulses", { perPulse: 1e-9 }));
    checkOptions(settingsOf("bme280", { low: 1, high: 1 }));
  });
});

describe("edges of a digital input", () => {
  let now = 0;
  class Digital {
    static readonly InputPullUp = 1;
    static readonly InputPullDown = 2;
    static readonly Rising = 1;
    static readonly Falling = 2;
    static last: { mode: number; edge: number; onReadable: () => void };

    constructor(options: { mode: number; edge: number; onReadable: () => void }) {
      Digital.last = options;
    }

    close(): void {}
  }
  const { EdgeCount } = loadFirmware<{ EdgeCount: new (options: object) => PulseSource }>(
    "drivers/edge-count.ts",
    {
      "embedded:io/digital": { default: Digital },
      [require.resolve("../../../firmware/ports/native.ts")]: { uptime: () => now },
    },
  );

  test("a contact to ground is pulled up, and its falling edges count", () => {
    const counter = new EdgeCount({ pin: 4 });
    expect(Digital.last).toMatchObject({ mode: Digital.InputPullUp, edge: Digital.Falling });
    for (now = 0; now < 1000; now += 100) Digital.last.onReadable();
    expect(counter.read()).toBe(10);
  });

  test("rising edges, where they are asked for, with the input pulled down", () => {
    new EdgeCount({ pin: 4, edge: "rising" });
    expect(Digital.last).toMatchObject({ mode: Digital.InputPullDown, edge: Digital.Rising });
  });

  test("bouncing counts once, however long it lasts", () => {
    const counter = new EdgeCount({ pin: 4, debounce: 20 });
    for (now = 5000; now < 5200; now += 10) Digital.last.onReadable();
    expect(counter.read()).toBe(1);
    now += 20;
    Digital.last.onReadable();
    expect(counter.read()).toBe(2);
  });
});
