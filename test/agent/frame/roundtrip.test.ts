import { describe, expect, test } from "@jest/globals";
import { CborError } from "../../../agent/cbor/error.js";
import { CborReader } from "../../../agent/cbor/reader.js";
import { type Frame, parseFrame, readFrame } from "../../../agent/frame/parse.js";
import { type FrameHeader, FrameWriter } from "../../../agent/frame/write.js";
import {
  hexOf,
  makeFrame,
  reading,
  TEST_HEADER,
  type TestReading,
  testKid,
  testSigner,
} from "../../support/frames.js";
import { codeOf } from "../cbor/encoded.js";
import { GOLDEN_BYTES, GOLDEN_HEADER, GOLDEN_READINGS } from "./golden.js";

function parsed(bytes: Uint8Array): Frame {
  const result = parseFrame(bytes);
  if ("failure" in result) throw new Error(result.failure.detail);
  return result.frame;
}

const ranges = (count: number, boot: number) =>
  Array.from({ length: count }, (_, i) => ({ boot, first: 10 * i, last: 10 * i + 3 }));

interface Case {
  name: string;
  readings: TestReading[];
  header?: Partial<FrameHeader>;
}

const FIRST_LOST = { boot: 1, first: 0, last: 6 };

const CASES: Case[] = [
  { name: "one reading", readings: [reading()] },
  { name: "clock unset", readings: [reading()], header: { clock: 0 } },
  { name: "clock kept", readings: [reading()], header: { clock: 1 } },
  { name: "an integer", readings: [reading("count", "count", -7, 0)] },
  { name: "zero", readings: [reading("count", "count", 0, 0)] },
  {
    name: "the largest and the smallest numbers",
    readings: [
      reading("a", "m", Number.MAX_SAFE_INTEGER, -9),
      reading("a", "m", Number.MIN_SAFE_INTEGER, 0),
      reading("a", "m", Number.MIN_SAFE_INTEGER, -9),
    ],
  },
  {
    name: "several sensors, name and unit changing together and apart",
    readings: [
      reading("a", "Cel", 1, 0),
      reading("a", "Cel", 2, 0),
      reading("b", "Cel", 3, 0),
      reading("b", "K", 4, 0),
      reading("a", "Cel", 5, 0),
    ],
  },
  {
    name: "relative times in seconds, tenths and milliseconds",
    readings: [0, 1, 10, 100, 1000, 1500, 86_400_000, 2 ** 28 * 1000 - 1].map((age) =>
      reading("a", "m", 1, 0, age),
    ),
  },
  {
    name: "relative times without a base time",
    readings: [reading("a", "m", 1, 0, 0), reading("a", "m", 1, 0, 250)],
    header: { clock: 0, time: 0 },
  },
  { name: "the boot's first dropped", readings: [reading()], header: { sequence: 7, dropped: [FIRST_LOST] } },
  { name: "one range dropped", readings: [reading()], header: { boot: 9, dropped: ranges(1, 8) } },
  { name: "16 ranges dropped", readings: [reading()], header: { boot: 9, dropped: ranges(16, 8) } },
  {
    name: "counters beyond 32 bits",
    readings: [reading()],
    header: { boot: 2 ** 32, sequence: 2 ** 40, uptime: Number.MAX_SAFE_INTEGER },
  },
];

describe("what FrameWriter writes, parseFrame reads", () => {
  test.each(CASES)("$name", ({ readings, header = {} }) => {
    const bytes = makeFrame(readings, header);
    const frame = parsed(bytes);
    const { time, configuration, ...expected } = { ...TEST_HEADER, ...header };
    const isSaid = expected.sequence === 0 || expected.dropped.includes(FIRST_LOST);
    expect(frame.configuration).toBe(isSaid ? configuration : undefined);
    expect(frame).toMatchObject(expected);
    expect(frame.time).toBe(expected.clock === 0 ? undefined : time);
    expect(frame.kid).toEqual(testKid);
    expect(frame.network).toBe("demo");
    expect([...frame.readings]).toEqual(readings);
    expect(frame.bytes).toEqual(bytes);
    expect(frame.signature).toEqual(bytes.subarray(-64));
    expect(bytes[frame.unprotectedAt]).toBe(0xa0);
    expect(frame.signedEnd).toBe(bytes.length - 66);
  });

  test("decimals come back in their shortest form", () => {
    const readings = [reading("a", "m", 2150, -2), reading("a", "m", 2100, -2), reading("a", "m", 0, -5)];
    expect([...parsed(makeFrame(readings)).readings]).toEqual([
      reading("a", "m", 215, -1),
      reading("a", "m", 21, 0),
      reading("a", "m", 0, 0),
    ]);
  });

  test("byte arrays are views of the input, not copies", () => {
    const bytes = makeFrame();
    const { kid, prev, signature } = parsed(bytes);
    for (const view of [kid, prev, signature]) expect(view.buffer).toBe(bytes.buffer);
  });
});

describe("the payload's head", () => {
  /** A payload of so many bytes: 10 for the least, then 3 a further reading. */
  const payload = (bytes: number) => {
    const unit = "m".repeat(1 + ((bytes - 10) % 3));
    const further = Math.floor((bytes - 10) / 3);
    return Array.from({ length: 1 + further }, () => reading("a", unit, 1, 0));
  };
  test.each([
    [10, "4a"],
    [23, "57"],
    [24, "5818"],
    [255, "58ff"],
    [256, "590100"],
    [2000, "5907d0"],
  ])("of %d bytes is %s", (bytes, head) => {
    // From 24 records on the array's own head has 2 bytes, from 256 on 3; the least is counted with 1.
    const more = bytes > 10 + 3 * 255 ? 2 : bytes > 10 + 3 * 23 ? 1 : 0;
    const frame = makeFrame(payload(bytes - more), { clock: 0 });
    const { unprotectedAt, readings } = parsed(frame);
    expect([...readings]).toEqual(payload(bytes - more));
    expect(hexOf(frame.subarray(unprotectedAt + 1, unprotectedAt + 1 + head.length / 2))).toBe(head);
  });
});

describe("the protected header's head", () => {
  test.each([
    [1, "583a"],
    [64, "587a"],
  ])("with a network of %d letters is %s", (letters, head) => {
    const frame = makeFrame([reading()], { uptime: 0 }, { network: "n".repeat(letters) });
    expect(parsed(frame).network).toHaveLength(letters);
    expect(hexOf(frame.subarray(2, 4))).toBe(head);
  });

  test("is 3 bytes above 255", () => {
    const dropped = Array.from({ length: 16 }, (_, i) => ({
      boot: 300,
      first: 300 + 9 * i,
      last: 301 + 9 * i,
    }));
    const frame = makeFrame([reading()], { boot: 301, dropped }, { network: "n".repeat(64) });
    expect(parsed(frame).dropped).toEqual(dropped);
    expect(hexOf(frame.subarray(2, 4))).toBe("5901");
  });
});

describe("FrameWriter", () => {
  test("writes the golden frame, byte for byte", () => {
    expect(hexOf(makeFrame(GOLDEN_READINGS, GOLDEN_HEADER))).toBe(hexOf(GOLDEN_BYTES));
  });

  test("the same input gives the same bytes, whatever the writer wrote before", () => {
    const writer = new FrameWriter("demo", testKid, 1024);
    const write = (header: FrameHeader, readings: readonly TestReading[]) => {
      writer.begin(header, readings.length);
      for (const r of readings) writer.reading(r.name, r.unit, r.mantissa, r.exponent, r.age);
      return hexOf(writer.finish(testSigner));
    };
    const golden = write(GOLDEN_HEADER, GOLDEN_READINGS);
    for (const { readings, header = {} } of CASES) write({ ...TEST_HEADER, ...header }, readings);
    expect(write(GOLDEN_HEADER, GOLDEN_READINGS)).toBe(golden);
  });

  test("a frame of exactly maxBytes fits; in any less it is buffer-full", () => {
    const bytes = makeFrame(GOLDEN_READINGS, GOLDEN_HEADER);
    const write = (maxBytes: number) => makeFrame(GOLDEN_READINGS, GOLDEN_HEADER, { maxBytes });
    expect(write(bytes.length)).toEqual(bytes);
    for (let maxBytes = 0; maxBytes < bytes.length; maxBytes++)
      expect([maxBytes, codeOf(() => write(maxBytes))]).toEqual([maxBytes, "buffer-full"]);
  });

  test("a payload whose head grows needs that byte too", () => {
    const readings = Array.from({ length: 100 }, () => reading("a", "m", 1, 0));
    const { length } = makeFrame(readings);
    expect(makeFrame(readings, {}, { maxBytes: length })).toHaveLength(length);
    expect(codeOf(() => makeFrame(readings, {}, { maxBytes: length - 1 }))).toBe("buffer-full");
  });

  test("starts over after buffer-full", () => {
    const writer = new FrameWriter("demo", testKid, 200);
    writer.begin(TEST_HEADER, 1);
    expect(codeOf(() => writer.reading("n".repeat(64), "u".repeat(64), 1, 0, 0))).toBe("buffer-full");
    writer.begin(TEST_HEADER, 1);
    writer.reading("temperature", "Cel", 2153, -2, 0);
    expect(hexOf(writer.finish(testSigner))).toBe(hexOf(makeFrame()));
  });

  test.each(["", "a/b", "+", "#", "ü", "n".repeat(65), ".a"])("refuses the network name %p", (network) => {
    expect(() => new FrameWriter(network, testKid, 1024)).toThrow(/is not a network name/);
  });

  test("refuses frames that no judge would read", () => {
    expect(() => new FrameWriter("demo", testKid, 4097)).toThrow("a frame has at most 4096 bytes, not 4097");
  });
});

describe("readFrame, in a CBOR sequence", () => {
  const frames = CASES.map(({ readings, header }) => makeFrame(readings, header));
  const sequence = Uint8Array.from(frames.flatMap((frame) => [...frame]));

  test("reads one frame after another", () => {
    const reader = new CborReader(sequence);
    const found: string[] = [];
    while (!reader.atEnd) found.push(hexOf(readFrame(reader).bytes));
    expect(found).toEqual(frames.map(hexOf));
  });

  test("offsets in a frame count from its own start", () => {
    const reader = new CborReader(sequence);
    readFrame(reader);
    const { bytes, signedEnd, unprotectedAt } = readFrame(reader);
    const alone = parsed(bytes.slice());
    expect([signedEnd, unprotectedAt]).toEqual([alone.signedEnd, alone.unprotectedAt]);
  });

  test("truncated means that more bytes may come: cut anywhere", () => {
    const frame = makeFrame(GOLDEN_READINGS, GOLDEN_HEADER);
    for (let length = 0; length < frame.length; length++)
      expect([length, codeOf(() => readFrame(new CborReader(frame.subarray(0, length))))]).toEqual([
        length,
        "truncated",
      ]);
  });

  test("what is wrong inside a whole byte string is never truncated", () => {
    // The payload's last item, a text, claims to be longer than the payload, and than the file.
    for (const claimed of [0x64, 0x77]) {
      const frame = makeFrame([reading("a", "Cel", 1, 0)]);
      const unitHead = frame.length - 66 - 4;
      expect(frame[unitHead]).toBe(0x63);
      frame[unitHead] = claimed;
      expect(codeOf(() => readFrame(new CborReader(frame)))).toBe("unexpected");
    }
  });

  test("throws nothing but CborError", () => {
    expect(() => readFrame(new CborReader(Uint8Array.of(0xf6)))).toThrow(CborError);
  });
});
