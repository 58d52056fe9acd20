import { kidOfKey } from "../agent/cose/kid.js";
import { FrameWriter } from "../agent/frame/write.js";
import { createSigner } from "../node/ports/signer.js";
import type { Figure } from "./harness.js";

interface SizedReading {
  readonly name: string;
  readonly unit: string;
  readonly age: number;
}

const FIRST: SizedReading = { name: "temperature", unit: "Cel", age: 0 };
const SAME: SizedReading = { ...FIRST, age: 61_500 };
const OTHER: SizedReading = { name: "humidity", unit: "%RH", age: 0 };

/** Bytes of frames in the thousandth minute of a board's 300th boot: counters as they are after months. */
export function frameSizes(): Figure[] {
  const one = sizeOf([FIRST]);
  const same = sizeOf([FIRST, SAME]) - one;
  const other = sizeOf([FIRST, OTHER]) - one;
  return [
    sized("frame with one reading", one, 168),
    sized("each further, same quantity", same, 24),
    sized("each further, other quantity", other, 24),
  ];
}

function sized(name: string, value: number, atMost: number): Figure {
  return { name, value, unit: "B", goal: { text: `at most ${atMost} B`, met: value <= atMost } };
}

function sizeOf(readings: readonly SizedReading[]): number {
  const signer = createSigner(new Uint8Array(32).fill(1));
  const writer = new FrameWriter("demo", kidOfKey(signer.publicKey, signer), 1024);
  const prev = new Uint8Array(16).fill(7);
  writer.begin(
    { boot: 300, sequence: 1000, prev, uptime: 60_000, clock: 2, time: 1795000000, dropped: [] },
    readings.length,
  );
  for (const { name, unit, age } of readings) writer.reading(name, unit, 2153, -2, age);
  return writer.finish(signer).length;
}
