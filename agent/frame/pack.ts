import { ARRAY, NEGATIVE, TAG, TAG_DECIMAL, UNSIGNED } from "../cbor/major.js";
import { CborReader } from "../cbor/reader.js";
import type { Decimal } from "../cbor/value.js";
import { CLOCK_UNSET, type ClockState } from "./chain.js";
import { checkOrder, expectKey } from "./key-order.js";
import * as wire from "./layout.js";
import { isSenmlName } from "./name.js";

/** One reading, with SenML's base fields resolved (RFC 8428 §4.6). */
export interface Reading extends Decimal {
  readonly name: string;
  /** A symbol of the SenML units registry. */
  readonly unit: string;
  /** Milliseconds before the frame's base time, 0 or more. */
  readonly age: number;
}

/**
 * What a frame that was parsed says. Its bytes are read again whenever somebody looks: 255 readings
 * in 2 KB take many times as much as objects, and most of those who get a frame do not look.
 */
export class Readings implements Iterable<Reading> {
  readonly #bytes: Uint8Array;
  readonly #at: number;
  readonly #end: number;
  readonly #clock: ClockState;
  /** 1 or more. */
  readonly length: number;

  /** The pack lies in `bytes` from `at` to `end`, was read before, and has `length` records. */
  constructor(bytes: Uint8Array, at: number, end: number, clock: ClockState, length: number) {
    this.#bytes = bytes;
    this.#at = at;
    this.#end = end;
    this.#clock = clock;
    this.length = length;
  }

  /** Reads them one by one, and makes no object for each. */
  walk(): PackReader {
    return new PackReader(new CborReader(this.#bytes, this.#at, this.#end), this.#clock);
  }

  *[Symbol.iterator](): Generator<Reading> {
    for (const pack = this.walk(); pack.next(); ) {
      const { name, unit, mantissa, exponent, age } = pack;
      yield { name, unit, mantissa, exponent, age };
    }
  }
}

/**
 * Reads a SenML pack (RFC 8428 §6) record by record, strictly. After each `next` it is the reading
 * of that record. Throws CborError, when it is made and by `next`, for a pack that is not in its
 * one encoding.
 */
export class PackReader implements Reading {
  name = "";
  unit = "";
  mantissa = 0;
  exponent = 0;
  age = 0;
  /** Base time in Unix seconds, from the first record on; undefined where the clock was not set. */
  time: number | undefined;
  readonly #reader: CborReader;
  readonly #clock: ClockState;
  #left: number;
  #isFirst = true;

  /** `reader`: just before the pack. Afterwards it is after the records that were read. */
  constructor(reader: CborReader, clock: ClockState) {
    this.#reader = reader;
    this.#clock = clock;
    this.#left = reader.array();
    if (this.#left === 0) reader.fail("unexpected", "a pack has at least one record");
  }

  /** False where there is no further record. */
  next(): boolean {
    if (this.#left === 0) return false;
    this.#left--;
    const reader = this.#reader;
    let pairs = reader.map();
    if (pairs === 0) reader.fail("unexpected", "an empty record");
    expectKey(reader, wire.SENML_VALUE, "v", RECORD_KEYS);
    this.#readDecimal();
    const { mantissa, exponent } = this;
    this.age = 0;
    let previous: number = wire.SENML_VALUE;
    while (--pairs > 0) {
      const key = reader.int();
      checkOrder(reader, previous, key);
      previous = key;
      this.#readField(key);
    }
    // A relative time is a decimal, too.
    this.mantissa = mantissa;
    this.exponent = exponent;
    if (this.name === "" || this.unit === "")
      reader.fail("unexpected", "the first record names its quantity and its unit");
    if (this.#clock !== CLOCK_UNSET && this.time === undefined)
      reader.fail("unexpected", "the base time is missing");
    this.#isFirst = false;
    return true;
  }

  #readField(key: number): void {
    const reader = this.#reader;
    if (key === wire.SENML_TIME) {
      this.#readAge();
    } else if (key === wire.SENML_BASE_NAME) {
      const next = reader.text();
      if (!isSenmlName(next)) reader.fail("unexpected", "not a SenML name");
      if (next === this.name) reader.fail("non-shortest", "a base name that is in force already");
      this.name = next;
    } else if (key === wire.SENML_BASE_TIME) {
      this.#readBaseTime();
    } else if (key === wire.SENML_BASE_UNIT) {
      const next = reader.text();
      if (next.length === 0) reader.fail("unexpected", "an empty unit");
      if (next === this.unit) reader.fail("non-shortest", "a base unit that is in force already");
      this.unit = next;
    } else {
      reader.fail("unexpected", `SenML label ${key} is not used`);
    }
  }

  #readBaseTime(): void {
    const reader = this.#reader;
    if (!this.#isFirst || this.#clock === CLOCK_UNSET)
      reader.fail("unexpected", "a base time stands in the first record, and only where the clock is set");
    const time = reader.uint();
    if (time < wire.MIN_UNIX_SECONDS) reader.fail("unexpected", "a base time below 2^28 means 'from now'");
    if (time > wire.MAX_UNIX_SECONDS) reader.fail("unexpected", "a base time after the year 9999");
    this.time = time;
  }

  /** A relative time: before the base time, in seconds or milliseconds. */
  #readAge(): void {
    const reader = this.#reader;
    this.#readDecimal();
    const { mantissa, exponent } = this;
    if (mantissa === 0) reader.fail("non-shortest", "a relative time of 0 is left out");
    if (mantissa > 0) reader.fail("unexpected", "readings are not later than the base time");
    if (exponent < -3) reader.fail("unexpected", "times have milliseconds at most");
    const age = -mantissa * 10 ** (3 + exponent);
    if (age >= wire.MIN_UNIX_SECONDS * 1000)
      reader.fail("unexpected", "a reading too long before the base time");
    this.age = age;
  }

  /** An integer, or tag 4 in its one encoding: no integer in disguise, no trailing zero. */
  #readDecimal(): void {
    const reader = this.#reader;
    const major = reader.head();
    this.exponent = 0;
    if (major === UNSIGNED || major === NEGATIVE) {
      this.mantissa = major === UNSIGNED ? reader.argument : -1 - reader.argument;
      return;
    }
    if (major !== TAG || reader.argument !== TAG_DECIMAL)
      reader.fail("unexpected", "expected an integer or a decimal fraction (tag 4)");
    if (reader.expect(ARRAY) !== 2) reader.fail("unexpected", "a decimal fraction is [exponent, mantissa]");
    const exponent = reader.int();
    if (exponent < wire.MIN_EXPONENT || exponent > wire.MAX_EXPONENT)
      reader.fail(
        "unexpected",
        `an exponent is ${wire.MAX_EXPONENT} to ${wire.MIN_EXPONENT}, not ${exponent}`,
      );
    const mantissa = reader.int();
    if (mantissa % 10 === 0) reader.fail("non-shortest", "a decimal fraction with a trailing zero");
    this.mantissa = mantissa;
    this.exponent = exponent;
  }
}

const RECORD_KEYS = [
  wire.SENML_VALUE,
  wire.SENML_TIME,
  wire.SENML_BASE_NAME,
  wire.SENML_BASE_TIME,
  wire.SENML_BASE_UNIT,
];
