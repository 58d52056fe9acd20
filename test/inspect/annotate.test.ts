import { describe, expect, test } from "@jest/globals";
import { createFrameChecker } from "../../agent/frame/check.js";
import { parseFrame } from "../../agent/frame/parse.js";
import { type AnnotatedLine, annotateFrame, renderAnnotation } from "../../inspect/annotate.js";
import { signatureChecker } from "../../node/ports/signer.js";
import { bytesOf, hexOf, makeFrame, reading, testEnrolment } from "../support/frames.js";

const FRAME = makeFrame([reading(), reading("temperature", "Cel", 21, 0, 2000)], {
  boot: 300,
  sequence: 300,
  prev: bytesOf("000102030405060708090a0b0c0d0e0f"),
  uptime: 70000,
  dropped: [{ boot: 3, first: 10, last: 12 }],
});

const GOLDEN = `
   0  d2                                            tag(18)              COSE_Sign1
   1    84                                          array(4)             protected, unprotected, payload, signature
   2      5841                                      bytes(65)            protected header
   4        a5                                      map(5)
   5          01                                    1                    key: alg
   6          382e                                  -47                  alg: ES256K (-47)
   8          03                                    3                    key: content type
   9          1870                                  112                  content type: application/senml+cbor (112)
  11          04                                    4                    key: kid
  12          48f1d12012406b87af                    h'f1d12012406b87af'  kid f1d12012406b87af
  21          0f                                    15                   key: CWT claims
  22          a1                                    map(1)               CWT claims
  23            03                                  3                    key: aud
  24            6464656d6f                          "demo"               aud: network 'demo'
  29          3a00010000                            -65537               key: chain
  34          86                                    array(6)             chain
  35            19012c                              300                  boot 300
  38            19012c                              300                  sequence 300
  41            50                                  bytes(16)            prev 00010203…
  42              000102030405060708090a0b0c0d0e0f
  58            1a00011170                          70000                uptime 70000 s
  63            02                                  2                    clock 2: set from the network in this boot
  64            81                                  array(1)             dropped ranges
  65              83                                array(3)             dropped boot 3, frames 10 to 12
  66                03                              3                    boot 3
  67                0a                              10                   first 10
  68                0c                              12                   last 12
  69      a0                                        map(0)               unprotected header, empty
  70      5826                                      bytes(38)            payload: SenML pack
  72        82                                      array(2)             2 records
  73          a4                                    map(4)               record 1 of 2
  74            02                                  2                    key: v
  75            c4                                  tag(4)               v: 21.53
  76              82                                array(2)
  77                21                              -2                   exponent -2
  78                190869                          2153                 mantissa 2153
  81            21                                  -2                   key: bn
  82            6b74656d7065726174757265            "temperature"        bn: temperature
  94            22                                  -3                   key: bt
  95            1a6afd86c0                          1795000000           bt: 1795000000 = 2026-11-18T11:06:40Z
 100            23                                  -4                   key: bu
 101            6343656c                            "Cel"                bu: Cel
 105          a2                                    map(2)               record 2 of 2
 106            02                                  2                    key: v
 107            15                                  21                   v: 21
 108            06                                  6                    key: t
 109            21                                  -2                   t: -2 s
 110      5840                                      bytes(64)            signature
 112        d484c5df8d69163f774dae0baf526b62                             signature r
 128        2c9e3bbd7be14be054cc24bcd67acc99
 144        395c07fcd78784775af42d91ae89d0a0                             signature s (low)
 160        7eaf0df6c3ec4202ebedee24a83badbe
 176                                                well-formed          the strict parse finds no flaw; the signature was not checked
`;

const rendered = (bytes: Uint8Array) => renderAnnotation(annotateFrame(bytes));
const flawed = (lines: AnnotatedLine[]) => lines.filter((line) => line.flaw !== undefined);
const verdictOf = (lines: AnnotatedLine[]) => lines.at(-1)?.value;

/** What is wrong with the lines: every byte stands once, in order; the strict parse has the last word. */
function problemsOf(bytes: Uint8Array, lines: AnnotatedLine[]): string[] {
  const problems: string[] = [];
  let at = 0;
  for (const line of lines.slice(0, -1)) {
    if (line.offset !== at || line.depth < 0 || line.depth > 32) problems.push(`line at ${line.offset}`);
    at += line.hex.length / 2;
  }
  if (lines.map((line) => line.hex).join("") !== hexOf(bytes)) problems.push("other bytes");
  const parsed = parseFrame(bytes);
  const verdict = "frame" in parsed ? "well-formed" : parsed.failure.verdict;
  if (verdictOf(lines) !== verdict) problems.push(`not ${verdict}`);
  if (flawed(lines).length !== ("frame" in parsed ? 0 : 1)) problems.push("flaws marked");
  if (!renderAnnotation(lines).endsWith("\n")) problems.push("rendering");
  return problems.map((problem) => `${problem} of ${hexOf(bytes)}`);
}

function expectSound(bytes: Uint8Array): AnnotatedLine[] {
  const lines = annotateFrame(bytes);
  expect(problemsOf(bytes, lines)).toEqual([]);
  return lines;
}

test("a frame is laid open with the names of its parts", () => {
  expect(rendered(FRAME)).toBe(GOLDEN.slice(1));
});

test("the object form has the same lines", () => {
  const [tag, array] = annotateFrame(FRAME);
  expect(tag).toEqual({ offset: 0, hex: "d2", depth: 0, value: "tag(18)", meaning: "COSE_Sign1" });
  expect(array?.depth).toBe(1);
  expectSound(FRAME);
});

describe("meanings", () => {
  const meanings = (bytes: Uint8Array) => annotateFrame(bytes).map((line) => line.meaning);

  test.each([
    ["the device's first frame", makeFrame(), "prev: zeros, the device's first frame"],
    ["a clock that is unset", makeFrame([reading()], { clock: 0 }), "clock 0: unset"],
    ["a clock that was kept", makeFrame([reading()], { clock: 1 }), "clock 1: kept over a reset"],
    [
      "one dropped frame",
      makeFrame([reading()], { boot: 2, dropped: [{ boot: 1, first: 7, last: 7 }] }),
      "dropped boot 1, frame 7",
    ],
    ["a small negative value", makeFrame([reading("t", "Cel", -5, -3)]), "v: -0.005"],
    ["a time in milliseconds", makeFrame([reading("t", "Cel", 1, 0, 1500)]), "t: -1.5 s"],
    ["one record", makeFrame(), "1 record"],
  ])("%s", (_, bytes, meaning) => expect(meanings(bytes)).toContain(meaning));

  test("a device gets its name", () => {
    const lines = annotateFrame(FRAME, { deviceName: (kid) => `device of ${kid.length} bytes` });
    expect(lines.map((line) => line.meaning)).toContain("kid f1d12012406b87af: device of 8 bytes");
  });
});

describe("verdicts", () => {
  const { check } = createFrameChecker(testEnrolment, signatureChecker);
  const twin = FRAME.slice();
  twin[FRAME.length - 32] = 0x80;

  test("of a judge who knows the device", () => {
    expect(verdictOf(annotateFrame(FRAME, { judge: check }))).toBe("ok");
    const forged = FRAME.slice();
    forged[FRAME.length - 1] = (forged[FRAME.length - 1] as number) ^ 1;
    const lines = annotateFrame(forged, { judge: check });
    expect(verdictOf(lines)).toBe("bad-signature");
    expect(flawed(lines)).toEqual([]);
  });

  test("a high s is marked at s", () => {
    const lines = expectSound(twin);
    expect(flawed(lines)).toMatchObject([
      { offset: FRAME.length - 32, meaning: "signature s (high)", flaw: "high-s" },
    ]);
  });
});

describe("damage is shown where it is, and the rest as what it is", () => {
  /** `at`: the byte of FRAME that becomes `byte`; then what the flawed line says, and what another still says. */
  test.each([
    ["another tag", 0, 0xd3, "tag(19)", "not tag 18, COSE_Sign1", "boot 300"],
    ["no tag", 0, 0xf2, "simple(18)", "", "boot 300"],
    ["five parts", 1, 0x85, "array(5)", "protected, unprotected, payload, signature", "signature s (low)"],
    ["a protected header that is too long", 3, 0x42, "map(0)", "key: unknown label", "boot 300"],
    ["a protected header that is too short", 3, 0x40, "array(3)", "dropped: not a range", "boot 300"],
    ["four header entries", 4, 0xa4, "map(4)", "", "boot 300"],
    ["a float for a key", 5, 0xf9, "0.5224609375_1", "key: unknown label", "payload: SenML pack"],
    ["another algorithm", 7, 0x2f, "-48", "alg: unknown (-48)", "boot 300"],
    ["a header key that is not known", 8, 0x09, "9", "key: unknown label", "kid f1d12012406b87af"],
    ["a reserved head", 35, 0x1f, "", "not CBOR: a reserved head", "payload: SenML pack"],
    ["an unprotected header", 69, 0xa1, "map(1)", "unprotected header", "boot 300"],
    ["an integer beyond 2^53", 95, 0x1b, "7709466296913707877", "bt: 7709466296913707877 s", "boot 300"],
    ["a value that is a text", 107, 0x60, '""', "v: not one", "t: -2 s"],
    ["a longer integer than needed", 36, 0x00, "44_1", "boot 44", "sequence 300"],
  ])("%s", (_, at, byte, value, meaning, still) => {
    const bytes = FRAME.slice();
    bytes[at] = byte;
    const lines = expectSound(bytes);
    expect(flawed(lines)).toMatchObject([{ value, meaning }]);
    expect(lines.map((line) => line.meaning)).toContain(still);
    expect(renderAnnotation(lines)).toMatch(/<-- (malformed|non-canonical)\n/);
  });

  test("a frame cut anywhere is shown up to its end", () => {
    for (let length = 0; length < FRAME.length; length++) {
      const lines = expectSound(FRAME.subarray(0, length));
      expect(lines.some((line) => /^it ends here|^cut inside/.test(line.meaning))).toBe(true);
    }
  });

  test("every flipped bit leaves every byte shown", () => {
    const problems: string[] = [];
    for (let at = 0; at < FRAME.length; at++) {
      for (let bit = 0; bit < 8; bit++) {
        const bytes = FRAME.slice();
        bytes[at] = (bytes[at] as number) ^ (1 << bit);
        problems.push(...problemsOf(bytes, annotateFrame(bytes)));
      }
    }
    expect(problems).toEqual([]);
  });
});

describe("CBOR that is no frame is shown in diagnostic notation", () => {
  test.each([
    ["nothing", "", [""]],
    ["half a float", "f93c00", ["1.0_1"]],
    ["the smallest half", "f90001", ["5.960464477539063e-8_1"]],
    ["negative zero", "f98000", ["-0.0_1"]],
    ["not a number", "f97e00", ["NaN_1"]],
    ["a single float", "fa47c35000", ["100000.0_2"]],
    ["a double float", "fbc010666666666666", ["-4.1_3"]],
    ["infinity", "fb7ff0000000000000", ["Infinity_3"]],
    ["simple values", "84f4f5f6f7", ["array(4)", "false", "true", "null", "undefined"]],
    ["unassigned simple values", "82e0f8ff", ["array(2)", "simple(0)", "simple(255)"]],
    ["an ill-formed simple value", "f818", ["simple(24_0)"]],
    [
      "integers longer than needed",
      "841800190001 1a00000001 3b0000000000000000",
      ["array(4)", "0_0", "1_1", "1_2", "-1_3"],
    ],
    [
      "the largest integers",
      "821bffffffffffffffff3bffffffffffffffff",
      ["array(2)", "18446744073709551615", "-18446744073709551616"],
    ],
    ["an open array", "9f01ff", ["array(_)", "1", "break"]],
    ["an open map", "bf6161f5ff", ["map(_)", '"a"', "true", "break"]],
    [
      "open strings",
      "825f4101ff7f6161ff",
      ["array(2)", "bytes(_)", "h'01'", "break", "text(_)", '"a"', "break"],
    ],
    ["a stray break", "ff", ["break"]],
    ["an unknown tag", "c11a514b67b0", ["tag(1)", "1363896240"]],
    ["text that is not UTF-8", "62c328", ["text(2)"]],
    ["text that a terminal would obey", "671b5b324ae280ae", ['"\\u{1b}[2J\\u{202e}"']],
    ["a long length with nothing behind", "5b0020000000000000", ["bytes(9007199254740992)", ""]],
    ["a count with nothing behind", "9b001fffffffffffff", ["array(9007199254740991)", ""]],
    ["an item after the first", "0102", ["1", "2"]],
  ])("%s", (_, hex, values) => {
    const lines = expectSound(bytesOf(hex));
    expect(lines.slice(0, -1).map((line) => line.value)).toEqual(values);
  });
});

describe("hostile input", () => {
  /** A small generator of its own, so that a failure can be repeated. */
  function* randomBytes(seed: number): Generator<number, never> {
    let state = seed;
    for (;;) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      yield state >>> 24;
    }
  }

  test("10,000 random inputs are shown, every byte", () => {
    const random = randomBytes(8);
    const problems: string[] = [];
    for (let run = 0; run < 10_000; run++) {
      const length = random.next().value % 48;
      const bytes = Uint8Array.from({ length }, () => random.next().value);
      if (run % 2 === 0) bytes.set(FRAME.subarray(0, Math.min(length, run % 40)));
      problems.push(...problemsOf(bytes, annotateFrame(bytes)));
    }
    expect(problems).toEqual([]);
  });

  const deep = new Uint8Array(100_000);
  test.each([
    ["arrays", deep.slice().fill(0x81), "nested too deeply to be opened"],
    ["maps", deep.slice().fill(0xa1), "nested too deeply to be opened"],
    ["tags", deep.slice().fill(0xc4), "nested too deeply to be opened"],
    ["open arrays", deep.slice().fill(0x9f), "nested too deeply to be opened"],
    ["many items", deep.slice(), "too much to be opened"],
  ])("100,000 bytes of %s take a bounded number of lines", (_, bytes, meaning) => {
    const lines = expectSound(bytes);
    expect(lines.length).toBeLessThan(9000);
    expect(lines.map((line) => line.meaning)).toContain(meaning);
  });
});
