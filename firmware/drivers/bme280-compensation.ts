/** Trimming parameters of temperature and pressure, by the names of the data sheets (BST-BME280-DS001 §4.2.2, table 16). */
export interface AirTrimming {
  readonly temperature: readonly [t1: number, t2: number, t3: number];
  readonly pressure: readonly number[];
}

export interface Trimming extends AirTrimming {
  readonly humidity: readonly [h1: number, h2: number, h3: number, h4: number, h5: number, h6: number];
}

export interface RawAir {
  /** 20 bits each. */
  readonly temperature: number;
  readonly pressure: number;
}

export interface Raw extends RawAir {
  /** 16 bits. */
  readonly humidity: number;
}

export interface Air {
  /** Degrees Celsius. */
  readonly temperature: number;
  /** Pascal. */
  readonly pressure: number;
}

export interface Compensated extends Air {
  /** From 0 to 1. */
  readonly humidity: number;
}

/** `bytes`: the registers 0x88 to 0x9f, as read. A BMP280 has the same. */
export function readAirTrimming(bytes: Uint8Array): AirTrimming {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const pressure = [view.getUint16(6, true)];
  for (let at = 8; at < 24; at += 2) pressure.push(view.getInt16(at, true));
  return { temperature: [view.getUint16(0, true), view.getInt16(2, true), view.getInt16(4, true)], pressure };
}

/** `first`: the registers 0x88 to 0xa1; `second`: 0xe1 to 0xe7. Both as read. */
export function readTrimming(first: Uint8Array, second: Uint8Array): Trimming {
  const b = new DataView(second.buffer, second.byteOffset, second.length);
  return {
    ...readAirTrimming(first),
    humidity: [
      first[25] as number,
      b.getInt16(0, true),
      b.getUint8(2),
      // 12 bits with a sign, whose low halves share a byte.
      b.getInt8(3) * 16 + (b.getUint8(4) & 0x0f),
      b.getInt8(5) * 16 + (b.getUint8(4) >> 4),
      b.getInt8(6),
    ],
  };
}

/** The compensation formulas in floating point (BST-BME280-DS001 §8.1; BST-BMP280-DS001 §8.1 has the same). */
export function compensateAir(raw: RawAir, trimming: AirTrimming): Air {
  const fine = fineTemperature(raw.temperature, trimming.temperature);
  return {
    temperature: fine / 5120,
    pressure: pressureOf(raw.pressure, Math.trunc(fine), trimming.pressure),
  };
}

export function compensate(raw: Raw, trimming: Trimming): Compensated {
  const fine = Math.trunc(fineTemperature(raw.temperature, trimming.temperature));
  return { ...compensateAir(raw, trimming), humidity: humidityOf(raw.humidity, fine, trimming.humidity) };
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
