import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "@jest/globals";
import { isSenmlName } from "../../../../agent/frame/name.js";
import { isSenmlUnit } from "../../../../agent/frame/units.js";
import type { SensorSample } from "../../../../agent/ports/sensor.js";
import { createHostSensors, findHostSensors } from "../../../../host-sim/fleet/sensors/host.js";
import type { SensorSetup } from "../../../../host-sim/fleet/sensors/setup.js";

let root = "";

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "fieldmark-"));
});

afterEach(() => rmSync(root, { recursive: true }));

function put(path: string, text: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

const interfaces = (...lines: string[]) => `Inter-| Receive | Transmit\n face |bytes\n${lines.join("\n")}\n`;
const traffic = (name: string, received: number, sent: number) =>
  `${name}:${received} 9 8 7 6 5 4 3 ${sent} 1 1 1 1 1 1 1`;

function putProc(): void {
  put("proc/loadavg", "1.25 0.50 0.10 1/85 5013\n");
  put("proc/meminfo", "MemTotal:        8000 kB\nMemFree:          100 kB\nMemAvailable:    6000 kB\n");
  put("proc/net/dev", interfaces(traffic("    lo", 9000, 9000), traffic("  eth0", 1000, 500)));
}

function find(setups: readonly SensorSetup[], id: string): SensorSetup {
  const found = setups.find((setup) => setup.id === id);
  if (found === undefined) throw new Error(`no sensor ${id} among ${setups.map((setup) => setup.id)}`);
  return found;
}

function expectWellFormed(setups: readonly SensorSetup[]): void {
  const channels = setups.flatMap((setup) => setup.channels);
  for (const { name, unit, min, max, digits } of channels) {
    expect([name, isSenmlName(name)]).toEqual([name, true]);
    expect(name.length).toBeLessThanOrEqual(11);
    expect([unit, isSenmlUnit(unit)]).toEqual([unit, true]);
    expect(min).toBeLessThan(max);
    expect(Number.isInteger(digits)).toBe(true);
  }
  expect(new Set(channels.map(({ name }) => name)).size).toBe(channels.length);
  expect(new Set(setups.map(({ id }) => id)).size).toBe(setups.length);
}

describe("load and memory", () => {
  test("the load average of a minute, as a plain number", () => {
    putProc();
    const { sensor, channels } = find(createHostSensors(root), "load");
    expect(sensor.sample()).toEqual({ load: 1.25 });
    expect(channels[0]).toMatchObject({ name: "load", unit: "count", digits: 2 });
  });

  test("memory in use, in percent of all", () => {
    putProc();
    const { sensor, channels } = find(createHostSensors(root), "memory");
    expect(sensor.sample()).toEqual({ used: 25 });
    expect(channels[0]).toMatchObject({ name: "memory", unit: "/100" });
  });

  test("a file that is gone fails its own sensor, with its name, and is read again when it is back", () => {
    putProc();
    const setups = createHostSensors(root);
    rmSync(join(root, "proc", "meminfo"));
    expect(() => find(setups, "memory").sensor.sample()).toThrow(/ENOENT.*proc\/meminfo/);
    expect(find(setups, "load").sensor.sample()).toEqual({ load: 1.25 });
    putProc();
    expect(find(setups, "memory").sensor.sample()).toEqual({ used: 25 });
  });

  test.each([
    ["load", "proc/loadavg", "busy\n", /proc\/loadavg: does not start with a load average/],
    ["memory", "proc/meminfo", "MemTotal: 8000 kB\n", /proc\/meminfo: no MemTotal and MemAvailable/],
    ["memory", "proc/meminfo", "MemTotal: 1 kB\nMemAvailable: 2 kB\n", /proc\/meminfo/],
  ])("%s: %s with something else in it is an error", (id, path, text, message) => {
    putProc();
    put(path, text);
    expect(() => find(createHostSensors(root), id).sensor.sample()).toThrow(message);
  });
});

describe("network", () => {
  /** Samples once for each [seconds, received, sent], the first included. */
  function sampleAll(...states: [number, number, number][]): (SensorSample | undefined)[] {
    putProc();
    let seconds = 0;
    const { sensor } = find(
      createHostSensors(root, () => seconds * 1000),
      "network",
    );
    return states.map(([at, received, sent]) => {
      seconds = at;
      put("proc/net/dev", interfaces(traffic("  eth0", received, sent)));
      return sensor.sample();
    });
  }

  test("there is no rate before the second sample; then bytes a second since the one before", () => {
    expect(sampleAll([10, 1000, 500], [12, 5000, 500], [13, 5000, 501])).toEqual([
      undefined,
      { received: 2000, sent: 0 },
      { received: 0, sent: 1 },
    ]);
  });

  test("a counter that went back gives no rate once, and the other counter does", () => {
    expect(sampleAll([0, 4294967000, 100], [1, 500, 200], [2, 700, 300])).toEqual([
      undefined,
      { received: undefined, sent: 100 },
      { received: 200, sent: 100 },
    ]);
  });

  test("more than any wire carries is no rate: the counter jumped", () => {
    expect(() => sampleAll([0, 0, 0], [1, 1e15, 5])).toThrow(
      "net_rx of 1000000000000000 is outside of its range",
    );
  });

  test("two samples at the same time give no rate", () => {
    expect(sampleAll([1, 0, 0], [1, 100, 100], [2, 300, 300])).toEqual([
      undefined,
      undefined,
      { received: 200, sent: 200 },
    ]);
  });

  test("an interface that goes is an error; when it is back it starts over", () => {
    putProc();
    let seconds = 0;
    const { sensor } = find(
      createHostSensors(root, () => seconds++ * 1000),
      "network",
    );
    sensor.sample();
    put("proc/net/dev", interfaces(traffic("lo", 1, 1)));
    expect(() => sensor.sample()).toThrow(/proc\/net\/dev: the network interface eth0 is gone/);
    putProc();
    expect(sensor.sample()).toBeUndefined();
    expect(sensor.sample()).toEqual({ received: 0, sent: 0 });
  });

  test("boards do not share the sample before", () => {
    putProc();
    const [one, two] = [createHostSensors(root), createHostSensors(root)];
    find(one, "network").sensor.sample();
    expect(find(two, "network").sensor.sample()).toBeUndefined();
  });

  test.each([
    ["the one with most traffic", [traffic("eth0", 5, 5), traffic("wlan0", 5, 900)], "wlan0"],
    ["loopback only where there is no other", [traffic("lo", 99, 99), traffic("eth0", 0, 0)], "eth0"],
    ["loopback where there is no other", [traffic("lo", 99, 99)], "lo"],
    ["an alias with a colon in its name", [traffic("eth0:1", 5, 5)], "eth0:1"],
  ])("the interface is %s", (_title, lines, expected) => {
    putProc();
    put("proc/net/dev", interfaces(...lines));
    const { sensor } = find(createHostSensors(root), "network");
    put("proc/net/dev", interfaces());
    expect(() => sensor.sample()).toThrow(`network interface ${expected} is gone`);
  });

  test.each([
    ["no interface", () => put("proc/net/dev", interfaces())],
    ["no such file", () => rmSync(join(root, "proc", "net"), { recursive: true })],
  ])("with %s there is no sensor", (_title, change) => {
    putProc();
    change();
    expect(createHostSensors(root).map(({ id }) => id)).toEqual(["load", "memory"]);
  });
});

describe("temperatures", () => {
  const temperatures = () =>
    createHostSensors(root).flatMap(({ id, sensor, channels }) =>
      channels[0]?.unit === "Cel" ? [[id, channels[0].name, sensor.sample()?.temperature]] : [],
    );

  test("every input of every hwmon chip, in order, named after the chip", () => {
    putProc();
    put("sys/class/hwmon/hwmon10/name", "nvme\n");
    put("sys/class/hwmon/hwmon10/temp1_input", "38850\n");
    put("sys/class/hwmon/hwmon2/name", "coretemp\n");
    put("sys/class/hwmon/hwmon2/temp10_input", "47000\n");
    put("sys/class/hwmon/hwmon2/temp2_input", "-1500\n");
    put("sys/class/hwmon/hwmon2/temp2_label", "Core 0\n");
    put("sys/class/hwmon/hwmon2/fan1_input", "900\n");
    expect(temperatures()).toEqual([
      ["coretemp", "coretemp", -1.5],
      ["coretemp_2", "coretemp_2", 47],
      ["nvme", "nvme", 38.85],
    ]);
    expectWellFormed(createHostSensors(root));
  });

  test("thermal zones where hwmon has none", () => {
    putProc();
    mkdirSync(join(root, "sys/class/hwmon"), { recursive: true });
    put("sys/class/thermal/cooling_device0/type", "Processor\n");
    put("sys/class/thermal/thermal_zone0/type", "cpu-thermal\n");
    put("sys/class/thermal/thermal_zone0/temp", "51540\n");
    expect(temperatures()).toEqual([["cpu_thermal", "cpu_thermal", 51.54]]);
  });

  test("hwmon alone where it has some: the zones are the same sensors again", () => {
    putProc();
    put("sys/class/hwmon/hwmon0/name", "acpitz\n");
    put("sys/class/hwmon/hwmon0/temp1_input", "30000\n");
    put("sys/class/thermal/thermal_zone0/type", "acpitz\n");
    put("sys/class/thermal/thermal_zone0/temp", "30000\n");
    expect(temperatures()).toEqual([["acpitz", "acpitz", 30]]);
  });

  test.each([
    ["long ones cut to 11 letters", "pch_cannonlake_thermal", "pch_cannonl", "pch_canno_2"],
    ["what SenML does not allow turned into _", "CPU Tctl (°C)", "cpu_tctl_c", "cpu_tctl__2"],
    ["a letter first", "8250 x", "x", "x_2"],
    ["a plain one for a chip without", "", "temperature", "temperatu_2"],
  ])("names: %s", (_title, label, first, second) => {
    putProc();
    for (const chip of ["hwmon0", "hwmon1"]) {
      put(`sys/class/hwmon/${chip}/name`, `${label}\n`);
      put(`sys/class/hwmon/${chip}/temp1_input`, "20000\n");
    }
    const names = temperatures().map(([, name]) => name);
    expect(names).toEqual([first, second]);
    expectWellFormed(createHostSensors(root));
  });

  test.each([
    ["fails", "\n"],
    ["shows less than silicon bears", "-127000\n"],
    ["shows more than silicon bears", "255000\n"],
    ["shows 0, as a zone that nobody fills in", "0\n"],
    ["shows 127, as an open diode", "127000\n"],
    ["shows 127.875, as an open diode", "127875\n"],
  ])("an input that %s at the start is left out", (_title, text) => {
    putProc();
    put("sys/class/hwmon/hwmon0/name", "nct6775\n");
    put("sys/class/hwmon/hwmon0/temp1_input", text);
    put("sys/class/hwmon/hwmon0/temp2_input", "30000\n");
    expect(temperatures()).toEqual([["nct6775", "nct6775", 30]]);
  });

  test("an input whose chip says that it is at fault is left out", () => {
    putProc();
    put("sys/class/hwmon/hwmon0/name", "lm90\n");
    put("sys/class/hwmon/hwmon0/temp1_input", "30000\n");
    put("sys/class/hwmon/hwmon0/temp2_input", "31000\n");
    put("sys/class/hwmon/hwmon0/temp1_fault", "1\n");
    put("sys/class/hwmon/hwmon0/temp2_fault", "0\n");
    expect(temperatures()).toEqual([["lm90", "lm90", 31]]);
  });

  test.each([
    ["0", "cpu", "0\n", /temp1_input: 0 Cel is what it says where nothing was measured/],
    ["127", "cpu", "127000\n", /temp1_input: 127 Cel/],
    ["255", "cpu", "255000\n", "cpu of 255 is outside of its range, -55 to 150"],
    ["-273", "cpu", "-273150\n", "cpu of -273.15 is outside of its range"],
    ["85, power-on value of a DS18B20", "w1_slave_temp", "85000\n", /temp1_input: 85 Cel/],
  ])("one that says %s later is a failure, and read again", (_title, label, text, message) => {
    putProc();
    put("sys/class/hwmon/hwmon0/name", `${label}\n`);
    put("sys/class/hwmon/hwmon0/temp1_input", "30000\n");
    const { sensor } = createHostSensors(root).at(-1) as SensorSetup;
    put("sys/class/hwmon/hwmon0/temp1_input", text);
    expect(() => sensor.sample()).toThrow(message);
    put("sys/class/hwmon/hwmon0/temp1_input", "31000\n");
    expect(sensor.sample()).toEqual({ temperature: 31 });
  });

  test("a chip that is at fault later is a failure", () => {
    putProc();
    put("sys/class/hwmon/hwmon0/name", "lm90\n");
    put("sys/class/hwmon/hwmon0/temp1_input", "30000\n");
    const { sensor } = find(createHostSensors(root), "lm90");
    put("sys/class/hwmon/hwmon0/temp1_fault", "1\n");
    expect(() => sensor.sample()).toThrow("its chip says that it is at fault");
  });

  test("85 Cel of a processor is a reading", () => {
    putProc();
    put("sys/class/hwmon/hwmon0/name", "coretemp\n");
    put("sys/class/hwmon/hwmon0/temp1_input", "85000\n");
    expect(temperatures()).toEqual([["coretemp", "coretemp", 85]]);
  });

  test("a sensor that goes is an error that names its file, and the others go on", () => {
    putProc();
    put("sys/class/hwmon/hwmon0/name", "nvme\n");
    put("sys/class/hwmon/hwmon0/temp1_input", "30000\n");
    const setups = createHostSensors(root);
    rmSync(join(root, "sys"), { recursive: true });
    expect(() => find(setups, "nvme").sensor.sample()).toThrow(/ENOENT.*hwmon0\/temp1_input/);
    expect(find(setups, "load").sensor.sample()).toEqual({ load: 1.25 });
  });
});

test("without /proc: load and memory from Node", () => {
  const setups = createHostSensors(root);
  expectWellFormed(setups);
  const samples = setups.map(({ sensor, channels }) => {
    const [channel] = channels;
    const value = sensor.sample()?.[channel?.property ?? ""];
    return [channel?.name, Number(value) >= (channel?.min ?? 0) && Number(value) <= (channel?.max ?? 0)];
  });
  expect(samples).toEqual([
    ["load", true],
    ["memory", true],
  ]);
});

test("on Windows there is no load, which Node gives as 0", () => {
  const setups = findHostSensors({ root, platform: "win32" })();
  expect(setups.map(({ id }) => id)).toEqual(["memory"]);
});

test("this machine: every sensor can be sampled twice, and what it says is in its range", () => {
  const setups = createHostSensors();
  expectWellFormed(setups);
  expect(setups.map(({ id }) => id)).toEqual(expect.arrayContaining(["load", "memory"]));
  for (const { sensor } of setups) sensor.sample();
  for (const { sensor, channels } of setups) {
    const sample = sensor.sample();
    for (const { property, min, max } of channels) {
      const value = sample?.[property] ?? min;
      expect(value).toBeGreaterThanOrEqual(min);
      expect(value).toBeLessThanOrEqual(max);
    }
    sensor.close();
  }
});
