/** Sensors as their data sheets describe them, on a bus that fails in the ways that buses do. Time passes while a driver waits. */
export type Fault =
  | "gone" // nobody acknowledges
  | "low" // all zeros
  | "high" // all ones
  | "stuck" // never converts: its registers stay as after power
  | "busy"; // never done

export abstract class Chip {
  fault: Fault | undefined;
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Power goes and comes: registers have their reset state, nothing was converted. */
  abstract power(): void;

  protected get now(): number {
    return this.#now();
  }

  protected get converts(): boolean {
    return this.fault !== "stuck";
  }

  /** What the bus gives in place of the chip; undefined where that is the chip's own. */
  heard(): number | undefined {
    if (this.fault === "gone") throw new Error("read failed");
    return this.fault === "low" ? 0 : this.fault === "high" ? 0xff : undefined;
  }

  check(): void {
    if (this.fault === "gone") throw new Error("write failed");
  }
}

/** A chip of registers of a byte, or of two, high byte first. The first byte that is written is an address. */
export abstract class RegisterChip extends Chip {
  #at = 0;

  write(bytes: Uint8Array): void {
    this.check();
    const [at = 0, ...rest] = bytes;
    this.#at = at;
    if (this.fault === "low" || this.fault === "high") return;
    if (rest.length > 0) this.set(at, rest);
  }

  read(into: Uint8Array): void {
    const held = this.heard();
    if (held !== undefined) into.fill(held);
    else into.set(this.get(this.#at, into.length));
  }

  readUint16(register: number, isBigEndian: boolean): number {
    const pair = new Uint8Array(2);
    this.write(Uint8Array.of(register));
    this.read(pair);
    return new DataView(pair.buffer).getUint16(0, !isBigEndian);
  }

  writeUint16(register: number, value: number, isBigEndian: boolean): void {
    const pair = new Uint8Array(2);
    new DataView(pair.buffer).setUint16(0, value, !isBigEndian);
    this.write(Uint8Array.of(register, ...pair));
  }

  protected abstract set(register: number, bytes: readonly number[]): void;
  protected abstract get(register: number, count: number): readonly number[];
}

/** SNOSD82D: registers 00h, 01h, 0Fh. Free-running after power: 8 conversions of 15.5 ms averaged each second. */
export class Tmp117Chip extends RegisterChip {
  /** Steps of 7.8125 mCel. */
  raw = 25 * 128;
  id = 0x0117;
  #configuration = 0x0220;
  /** When the conversion that runs is done. */
  #done = 0;
  #isOver = false;
  /** §7.6.3: set by a conversion, cleared by reading this register or the result. */
  #isReady = false;
  /** What the register holds: the last conversion, while there is another. */
  #last = 0x8000;

  power(): void {
    this.#last = 0x8000;
    this.#configuration = 0x0220;
    this.#isReady = false;
    this.#begin();
  }

  /** A conversion that ran until now may be done. */
  pass(): void {
    if (this.#isOver || !this.converts || this.fault === "busy" || this.now < this.#done) return;
    this.#isOver = true;
    this.#isReady = true;
    this.#last = this.raw & 0xffff;
    if ((this.#configuration & 0x0c00) === 0x0c00) this.#configuration &= ~0x0800;
  }

  #begin(): void {
    this.#done = this.now + 124;
    this.#isOver = false;
  }

  protected set(register: number, [high = 0, low = 0]: readonly number[]): void {
    if (register !== 1) return;
    this.pass();
    this.#configuration = (high << 8) | low;
    this.#begin();
  }

  protected get(register: number): readonly number[] {
    this.pass();
    if (register === 0x0f) return [this.id >> 8, this.id & 0xff];
    const word = register === 1 ? this.#configuration | (this.#isReady ? 0x2000 : 0) : this.#last;
    this.#isReady = false;
    return [(word >> 8) & 0xff, word & 0xff];
  }
}

/** SBOS397: registers 0 and 1. Free-running after power at 4 Hz, 26 ms each; 0 until the first one. */
export class Tmp102Chip extends RegisterChip {
  /** Steps of 0.0625 Cel. */
  raw = 25 * 16;
  #configuration = 0x60a0;
  #done = 0;
  #last = 0;

  power(): void {
    this.#configuration = 0x60a0;
    this.#done = this.now + 26;
    this.#last = 0;
  }

  protected set(register: number, [high = 0, low = 0]: readonly number[]): void {
    if (register !== 1) return;
    const wasShut = (this.#configuration & 0x0100) !== 0;
    this.#configuration = (((high << 8) | low) & 0x1fd0) | 0x6020;
    if ((high & 0x80) !== 0 && wasShut) this.#done = this.now + 26;
  }

  protected get(register: number): readonly number[] {
    const isDone = this.converts && this.fault !== "busy" && this.now >= this.#done;
    if (isDone) this.#last = this.raw;
    const isShut = (this.#configuration & 0x0100) !== 0;
    const word = register === 1 ? this.#configuration | (isShut && isDone ? 0x8000 : 0) : this.#last << 4;
    return [(word >> 8) & 0xff, word & 0xff];
  }
}

/** The trimming parameters of BST-BMP280-DS001 §3.12's example, and made-up ones of humidity, for which there is no example. */
const TRIMMING = [27_504, 26_435, -1000, 36_477, -10_685, 3024, 2855, 140, -7, 15_500, -14_600, 6000];
const HUMIDITY_TRIMMING = [0x6a, 0x01, 0x00, 0x13, 0x2b, 0x03, 0x1e];

const RESET_STATE = { pressure: 0x80000, temperature: 0x80000, humidity: 0x8000 };

/** BST-BME280-DS001 §5.3, or with 6 bytes BST-BMP280-DS001 §4.2. Asleep after power. */
export class BoschChip extends RegisterChip {
  raw = { pressure: 415_148, temperature: 519_888, humidity: 28_000 };
  id: number;
  trimming: number[];
  humidityTrimming = HUMIDITY_TRIMMING;
  readonly #bytes: number;
  #done = 0;
  #isMeasured = false;
  /** What the registers hold: the last measurement, while there is another. */
  #last = RESET_STATE;

  constructor(now: () => number, id: number, bytes: number) {
    super(now);
    this.id = id;
    this.#bytes = bytes;
    this.trimming = TRIMMING.flatMap((value) => [value & 0xff, (value >> 8) & 0xff]).concat(0, 75);
  }

  power(): void {
    this.#last = RESET_STATE;
    this.#isMeasured = false;
    this.#done = this.now + 2;
  }

  protected set(register: number, [value = 0]: readonly number[]): void {
    if (register === 0xe0 && value === 0xb6) this.power();
    if (register !== 0xf4 || (value & 3) === 0) return;
    this.#done = this.now + 8;
    this.#isMeasured = true;
  }

  protected get(register: number, count: number): readonly number[] {
    const isBusy = this.now < this.#done || this.fault === "busy";
    if (this.#isMeasured && this.converts && !isBusy) this.#last = { ...this.raw };
    const { pressure: p, temperature: t, humidity: h } = this.#last;
    const memory = new Map<number, number[]>([
      [0x88, this.trimming],
      [0xd0, [this.id]],
      [0xe1, this.humidityTrimming],
      [0xf3, [isBusy ? 8 : 0]],
      [0xf7, [p >> 12, p >> 4, p << 4, t >> 12, t >> 4, t << 4, h >> 8, h].map((byte) => byte & 0xff)],
    ]);
    const bytes = (memory.get(register) ?? []).slice(0, register === 0xf7 ? this.#bytes : undefined);
    return bytes.slice(0, count).concat(new Array(count).fill(0)).slice(0, count);
  }
}

/** CRC-8 as datasheet SHT3x-DIS §4.12 has it, by its table's example: of beef it is 92. */
export function withChecksum(word: number): number[] {
  let crc = 0xff;
  for (const byte of [word >> 8, word & 0xff])
    for (let bit = 7; bit >= 0; bit--) {
      const top = ((crc >> 7) ^ (byte >> bit)) & 1;
      crc = ((crc << 1) & 0xff) ^ (top === 1 ? 0x31 : 0);
    }
  return [word >> 8, word & 0xff, crc];
}

/** Sensirion's of 16 bit commands. One that has no result acknowledges no read; a result can be read once. */
abstract class SensirionChip extends Chip {
  raw = { temperature: 26_214, humidity: 32_768 };
  /** Damages a checksum. */
  isNoisy = false;
  #answer: number[] | undefined;
  #done = 0;

  power(): void {
    this.#answer = undefined;
  }

  write(bytes: Uint8Array): void {
    this.check();
    if (this.fault === "low" || this.fault === "high") return;
    const [answer, time] = this.obey(((bytes[0] as number) << 8) | (bytes[1] as number));
    this.#answer = answer?.flatMap(withChecksum);
    this.#done = this.now + time;
  }

  read(into: Uint8Array): void {
    const held = this.heard();
    if (held !== undefined) return void into.fill(held);
    const answer = this.#answer;
    if (answer === undefined || this.now < this.#done || this.fault === "busy")
      throw new Error("read failed");
    this.#answer = undefined;
    if (this.isNoisy) answer.push((answer.pop() as number) ^ 1);
    into.set(answer.slice(0, into.length));
  }

  /** What a command makes ready to be read, and in how many milliseconds. */
  protected abstract obey(command: number): [answer: number[] | undefined, time: number];

  protected get measured(): number[] | undefined {
    return this.converts ? [this.raw.temperature, this.raw.humidity] : undefined;
  }
}

export class Sht3xChip extends SensirionChip {
  protected obey(command: number): [number[] | undefined, number] {
    if (command === 0x2400) return [this.measured, 15];
    return [command === 0xf32d ? [0x8010] : undefined, 0];
  }
}

export class Shtc3Chip extends SensirionChip {
  id = 0x0887;
  #isAsleep = false;

  override power(): void {
    super.power();
    this.#isAsleep = false;
  }

  protected obey(command: number): [number[] | undefined, number] {
    if (command === 0x3517) this.#isAsleep = false;
    else if (this.#isAsleep) throw new Error("write failed");
    if (command === 0xb098) this.#isAsleep = true;
    if (command === 0x7866) return [this.measured, 12.1];
    return [command === 0xefc8 ? [this.id] : undefined, 0];
  }
}
