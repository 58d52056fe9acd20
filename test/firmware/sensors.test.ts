import { expect, test } from "@jest/globals";
import { onBus } from "../../firmware/drivers/on-bus.js";
import { openSensors } from "../../firmware/sensors.js";

const channels = [{ property: "v", name: "temperature", unit: "Cel", digits: 1 }];
const setting = (kind: string, options: object = {}) => ({ kind, options, interval: 1000, channels });

/** A driver whose hardware answers when it is there. */
function plug() {
  const it = { isThere: false, closed: 0, opened: 0 };
  const driver = (options: object) => {
    it.opened++;
    if (!it.isThere) throw new Error("no answer at 0x76");
    return { configure() {}, sample: () => ({ v: 20, ...options }), close: () => void it.closed++ };
  };
  return {
    it,
    drivers: { plug: driver, steady: () => ({ configure() {}, sample: () => ({ v: 1 }), close() {} }) },
  };
}

test("a sensor that does not answer fails at each sample until it does, and the others work", () => {
  const { it, drivers } = plug();
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
