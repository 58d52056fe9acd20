import { kidOfKey } from "../../agent/cose/kid.js";
import { type FrameHeader, FrameWriter } from "../../agent/frame/write.js";
import type { Signer } from "../../agent/ports/signer.js";
import { createSigner } from "../../node/ports/signer.js";

/** 32 bytes of 01: a key for tests, known to everybody. */
export const TEST_PRIVATE_KEY = new Uint8Array(32).fill(1);
export const testSigner: Signer = createSigner(TEST_PRIVATE_KEY);
export const testKid: Uint8Array = kidOfKey(testSigner.publicKey, testSigner);
export const TEST_NETWORK = "demo";

/** What a judge of the test network has: one device, `testSigner`. */
export const testEnrolment = {
  network: TEST_NETWORK,
  publicKey: (kid: Uint8Array) => (sameBytes(kid, testKid) ? testSigner.publicKey : undefined),
};

/** mantissa × 10^exponent in `unit`, `age` milliseconds before the base time. */
export interface TestReading {
  name: string;
  unit: string;
  mantissa: number;
  exponent: number;
  age: number;
}

export function reading(
  name = "temperature",
  unit = "Cel",
  mantissa = 2153,
  exponent = -2,
  age = 0,
): TestReading {
  return { name, unit, mantissa, exponent, age };
}

/** The first frame of the first boot, a minute after its start, with the clock set. */
export const TEST_HEADER: FrameHeader = {
  boot: 1,
  sequence: 0,
  prev: new Uint8Array(16),
  uptime: 60,
  clock: 2,
  time: 1795000000,
  configuration: "c0f1c0f1c0f1c0f1",
  dropped: [],
};

export interface FrameOptions {
  network?: string;
  maxBytes?: number;
  signer?: Signer;
}

/** A signed frame, in bytes of its own. */
export function makeFrame(
  readings: readonly TestReading[] = [reading()],
  header: Partial<FrameHeader> = {},
  options: FrameOptions = {},
): Uint8Array {
  const { network = TEST_NETWORK, maxBytes = 4096, signer = testSigner } = options;
  const writer = new FrameWriter(network, kidOfKey(signer.publicKey, signer), maxBytes);
  writer.begin({ ...TEST_HEADER, ...header }, readings.length);
  for (const r of readings) writer.reading(r.name, r.unit, r.mantissa, r.exponent, r.age);
  return writer.finish(signer).slice();
}

/** Bytes from hex; spaces, line ends and `;` or `/` comments up to a line's end are left out. */
export function bytesOf(hex: string): Uint8Array {
  const digits = hex.replace(/[;/].*$/gm, "").replace(/\s+/g, "");
  if (!/^([0-9a-f]{2})*$/.test(digits)) throw new RangeError(`not hex: ${digits}`);
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

export function hexOf(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += HEX[byte];
  return text;
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}
