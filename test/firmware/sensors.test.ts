import { expect, test } from "@jest/globals";
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
  expect(it).toEqual({ isThere: false, closed: 0, opened: 2 });
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
