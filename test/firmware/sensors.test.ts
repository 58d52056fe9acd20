import { describe, expect, test } from "@jest/globals";
import { onBus } from "../../firmware/drivers/on-bus.js";
import { openSensors } from "../../firmware/sensors.js";

const channels = [{ property: "v", name: "temperature", unit: "Cel", digits: 1 }];
const setting = (kind: string, options: object = {}) => ({ kind, options, interval: 1000, channels });

/** A driver whose hardware answers when it is there. `warmUp` undefined: as one of the SDK's. */
function plug(warmUp?: number) {
  const it = { isThere: false, closed: 0, opened: 0 };
  const sample = (more: object) => {
    if (!it.isThere) throw new Error("no answer any more");
    return { v: 20, ...more };
  };
  const driver = (options: object) => {
    it.opened++;
    if (!it.isThere) throw new Error("no answer at 0x76");
    const warm = warmUp === undefined ? {} : { warmUp };
    return { ...warm, configure() {}, sample: () => sample(options), close: () => void it.closed++ };
  };
  const steady = () => ({ warmUp: 0, configure() {}, sample: () => ({ v: 1 }), close() {} });
  return { it, drivers: { plug: driver, steady } };
}

test("a sensor that does not answer fails at each sample until it does, and the others work", () => {
  const { it, drivers } = plug(0);
  const [absent, steady] = openSensors([setting("plug", { pin: 3 }), setting("steady")], drivers);
  expect(() => absent?.sensor.sample()).toThrow("no answer at 0x76");
  expect(steady?.sensor.sample()).toEqual({ v: 1 });
  absent?.sensor.close();
  expect(it).toEqual({ isThere: false, closed: 0, opened: 1 });
  expect(() => absent?.sensor.sample()).toThrow("no answer at 0x76");
  it.isThere = true;
  expect(absent?.sensor.sample()).toEqual({ v: 20, pin: 3 });
  absent?.sensor.sample();
  absent?.sensor.close();
  expect(it).toEqual({ isThere: true, closed: 1, opened: 3 });
});

describe("a sensor that measures by itself", () => {
  test.each([
    ["2 s, where its driver does not say", undefined, 2000],
    ["as long as its driver says", 15_000, 15_000],
  ])("has time for its first conversion: %s", (_name, warmUp, time) => {
    const { it, drivers } = plug(warmUp);
    it.isThere = true;
    const [config] = openSensors([setting("plug")], drivers);
    const at = (uptime: number) => config?.sensor.sample(uptime);
    expect([at(5000), at(5001), at(5000 + time - 1)]).toEqual([undefined, undefined, undefined]);
    expect([at(5000 + time), at(5001 + time)]).toEqual([{ v: 20 }, { v: 20 }]);
  });

  test("and again after each failure: it is opened again, since it may have lost its power", () => {
    const { it, drivers } = plug();
    it.isThere = true;
    const [config] = openSensors([setting("plug")], drivers);
    const at = (uptime: number) => config?.sensor.sample(uptime);
    at(0);
    expect(at(10_000)).toEqual({ v: 20 });
    it.isThere = false;
    expect(() => at(20_000)).toThrow("no answer any more");
    expect(() => at(30_000)).toThrow("no answer at 0x76");
    it.isThere = true;
    expect([at(40_000), at(41_000)]).toEqual([undefined, undefined]);
    expect(at(42_000)).toEqual({ v: 20 });
    expect(it).toEqual({ isThere: true, closed: 1, opened: 3 });
  });

  test("one that is measured on demand stays open when it fails, and answers at once when it is back", () => {
    const { it, drivers } = plug(0);
    it.isThere = true;
    const [config] = openSensors([setting("plug")], drivers);
    expect(config?.sensor.sample(0)).toEqual({ v: 20 });
    it.isThere = false;
    expect(() => config?.sensor.sample(1000)).toThrow("no answer any more");
    it.isThere = true;
    expect(config?.sensor.sample(2000)).toEqual({ v: 20 });
    expect(it).toEqual({ isThere: true, closed: 0, opened: 1 });
  });

  test("a driver that cannot close what is not there any more is let go all the same", () => {
    let isThere = true;
    const driver = () => ({
      configure() {},
      sample() {
        if (!isThere) throw new Error("no answer");
        return { v: 1 };
      },
      close() {
        throw new Error("write failed");
      },
    });
    const [config] = openSensors([setting("shy")], { shy: driver });
    config?.sensor.sample(0);
    isThere = false;
    expect(() => config?.sensor.sample(5000)).toThrow("no answer");
    isThere = true;
    expect([config?.sensor.sample(6000), config?.sensor.sample(8000)]).toEqual([undefined, { v: 1 }]);
  });
});

test("one without a driver says which there are", () => {
  const [sensor] = openSensors([setting("lidar")], plug().drivers);
  expect(() => sensor?.sensor.sample()).toThrow("sensor lidar: this board has plug, steady");
});

test("a bus whose driver threw is free again; one whose driver is there stays open", () => {
  const open = new Set<number>();
  class Bus {
    readonly #address: number;
    constructor({ address }: { address: number }) {
      if (open.has(address)) throw new RangeError("duplicate address");
      open.add(address);
      this.#address = address;
    }
    close(): void {
      open.delete(this.#address);
    }
  }
  let answers = false;
  /** Leaves the bus open where nothing answers, as some of the SDK's do. */
  const make = () =>
    onBus(Bus, (Io) => {
      new Io({ address: 0x70 } as never);
      if (!answers) throw new Error("no answer");
      return "driver";
    });
  expect(make).toThrow("no answer");
  expect(make).toThrow("no answer");
  answers = true;
  expect(make()).toBe("driver");
  expect(open).toEqual(new Set([0x70]));
  expect(make).toThrow("duplicate address");
});
