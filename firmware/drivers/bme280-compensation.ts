/** A sensor's trimming parameters, by the names of the datasheet (BST-BME280-DS001 §4.2.2, table 16). */
export interface Trimming {
  readonly temperature: readonly [t1: number, t2: number, t3: number];
  readonly pressure: readonly number[];
  readonly humidity: readonly [h1: number, h2: number, h3: number, h4: number, h5: number, h6: number];
}

export interface Raw {
  /** 20 bits each. */
  readonly temperature: number;
  readonly pressure: number;
  /** 16 bits. */
  readonly humidity: number;
}

export interface Compensated {
  /** Degrees Celsius. */
  readonly temperature: number;
  /** Pascal. */
  readonly pressure: number;
  /** From 0 to 1. */
  readonly humidity: number;
}

/** `first`: the registers 0x88 to 0xa1; `second`: 0xe1 to 0xe7. Both as read. */
export function readTrimming(first: Uint8Array, second: Uint8Array): Trimming {
  const a = new DataView(first.buffer, first.byteOffset, first.length);
  const b = new DataView(second.buffer, second.byteOffset, second.length);
  const pressure = [a.getUint16(6, true)];
  for (let at = 8; at < 24; at += 2) pressure.push(a.getInt16(at, true));
  return {
    temperature: [a.getUint16(0, true), a.getInt16(2, true), a.getInt16(4, true)],
    pressure,
    humidity: [
      a.getUint8(25),
      b.getInt16(0, true),
      b.getUint8(2),
      // 12 bits with a sign, whose low halves share a byte.
      b.getInt8(3) * 16 + (b.getUint8(4) & 0x0f),
      b.getInt8(5) * 16 + (b.getUint8(4) >> 4),
      b.getInt8(6),
    ],
  };
}

/** The compensation formulas in floating point (BST-BME280-DS001 §8.1). */
export function compensate(raw: Raw, trimming: Trimming): Compensated {
  const fine = fineTemperature(raw.temperature, trimming.temperature);
  return {
    temperature: fine / 5120,
    pressure: pressureOf(raw.pressure, Math.trunc(fine), trimming.pressure),
    humidity: humidityOf(raw.humidity, Math.trunc(fine), trimming.humidity),
  };
}

function fineTemperature(raw: number, [t1, t2, t3]: Trimming["temperature"]): number {
  const difference = raw / 131_072 - t1 / 8192;
  return (raw / 16_384 - t1 / 1024) * t2 + difference * difference * t3;
}

function pressureOf(raw: number, fine: number, parameters: readonly number[]): number {
  const [p1, p2, p3, p4, p5, p6, p7, p8, p9] = parameters as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const t = fine / 2 - 64_000;
  const offset = ((t * t * p6) / 32_768 + t * p5 * 2) / 4 + p4 * 65_536;
  const slope = (1 + ((p3 * t * t) / 524_288 + p2 * t) / 524_288 / 32_768) * p1;
  if (slope === 0) return Number.NaN;
  const p = ((1_048_576 - raw - offset / 4096) * 6250) / slope;
  return p + ((p9 * p * p) / 2_147_483_648 + (p * p8) / 32_768 + p7) / 16;
}

function humidityOf(raw: number, fine: number, [h1, h2, h3, h4, h5, h6]: Trimming["humidity"]): number {
  const t = fine - 76_800;
  const gain = (h2 / 65_536) * (1 + (h6 / 67_108_864) * t * (1 + (h3 / 67_108_864) * t));
  const linear = (raw - (h4 * 64 + (h5 / 16_384) * t)) * gain;
  const percent = linear * (1 - (h1 * linear) / 524_288);
  return Math.min(Math.max(percent, 0), 100) / 100;
}
