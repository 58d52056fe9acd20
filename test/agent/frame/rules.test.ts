import { describe, expect, test } from "@jest/globals";
import { CborReader } from "../../../agent/cbor/reader.js";
import { createFrameChecker } from "../../../agent/frame/check.js";
import { parseFrame, readFrame } from "../../../agent/frame/parse.js";
import { signatureChecker } from "../../../node/ports/signer.js";
import { bytesOf, hexOf, testEnrolment } from "../../support/frames.js";
import { codeOf } from "../cbor/encoded.js";
import { assemble, GOLDEN_BYTES, type Pieces } from "./golden.js";

type Row = [rule: string, changes: Pieces, detail: string];

const RECORDS_AFTER_FIRST: Pieces = {
  record2: "",
  value2: "",
  time2: "",
  record3: "",
  value3: "",
  time3: "",
  name3: "",
  unit3: "",
};
/** A pack of the golden frame's first record alone. */
const ALONE: Pieces = { ...RECORDS_AFTER_FIRST, pack: "81" };

/** A frame of 4,096 bytes. */
const LONGEST: Pieces = { ...ALONE, pack: "99 0520", unit1: `23 63 43656c ${"a1 02 00".repeat(1311)}` };

const name = (text: string) => `${(0x60 + text.length).toString(16)}${hexOf(new TextEncoder().encode(text))}`;
/** The chain with `ranges` (hex of [boot, first, last] without the array's head) as dropped; this frame is (3, 7). */
const dropping = (...ranges: string[]): Pieces => ({
  chain: "3a 00010000 86",
  dropped: `${(0x80 + ranges.length).toString(16)} ${ranges.map((range) => `83 ${range}`).join(" ")}`,
});

const CONFIGURATION = "48 c0f1c0f1c0f1c0f1";
/** The same with a configuration. */
const configured = (...ranges: string[]): Pieces => ({
  chain: "3a 00010000 87",
  dropped: `${CONFIGURATION} ${dropping(...ranges).dropped}`,
});

/** Each rule of agent/frame/parse.ts that a frame can break, so that it is no frame. All are signed by the device. */
const MALFORMED: Row[] = [
  ["tag 17", { tag: "d1" }, "a frame starts with tag 18 (COSE_Sign1)"],
  ["tag 4", { tag: "c4" }, "a frame starts with tag 18 (COSE_Sign1)"],
  ["no tag", { tag: "" }, "expected a tag, found an array"],
  ["3 parts", { parts: "83" }, "a COSE_Sign1 has 4 parts"],
  ["5 parts", { parts: "85" }, "a COSE_Sign1 has 4 parts"],
  ["a map of parts", { parts: "a2" }, "expected an array, found a map"],

  ["protected header as text", { protectedHead: "78 36" }, "expected a byte string, found a text string"],
  ["protected header bare", { protectedHead: "" }, "expected a byte string, found a map"],
  [
    "protected header a byte short",
    { protectedHead: "58 35" },
    "a byte string ends inside the item it holds",
  ],
  [
    "protected header a byte long",
    { protectedHead: "58 37" },
    "a byte string goes on after the item it holds",
  ],
  ["protected header empty", { protectedHead: "40" }, "a byte string ends inside the item it holds"],
  ["4 headers", { headers: "a4" }, "the protected header has 5 entries"],
  ["6 headers", { headers: "a6" }, "the protected header has 5 entries"],
  ["headers in an array", { headers: "85" }, "expected a map, found an array"],
  ["no alg, a crit", { alg: "02 81 04" }, "expected the key 1 (alg), found 2"],
  ["alg ES256", { alg: "01 26" }, "alg is -47 (ES256K)"],
  ["alg as text", { alg: `01 ${name("ES256K")}` }, "expected an integer, found a text string"],
  ["alg null", { alg: "01 f6" }, "simple values are not used"],
  ["a text key", { alg: "6161 38 2e" }, "expected an integer, found a text string"],
  ["content type JSON", { contentType: "03 18 6e" }, "content type is 112 (application/senml+cbor)"],
  [
    "content type as text",
    { contentType: `03 ${name("senml")}` },
    "expected an integer, found a text string",
  ],
  ["kid of 7 bytes", { kid: "04 47 f1d12012406b87" }, "kid has 8 bytes, not 7"],
  ["kid of 9 bytes", { kid: "04 49 f1d12012406b87af00" }, "kid has 8 bytes, not 9"],
  ["kid as text", { kid: `04 ${name("abcdefgh")}` }, "expected a byte string, found a text string"],
  ["IV in place of kid", { kid: "05 48 f1d12012406b87af" }, "expected the key 4 (kid), found 5"],
  ["no claims", { claims: "0f a0", network: "" }, "one CWT claim"],
  ["two claims", { claims: "0f a2 01 6161 03" }, "one CWT claim"],
  ["claim iss", { claims: "0f a1 01" }, "the claim is 3 (aud)"],
  ["network as bytes", { network: "44 64656d6f" }, "expected a text string, found a byte string"],
  ["network without a name", { network: "60" }, "not a network name"],
  ["network with a slash", { network: name("de/mo") }, "not a network name"],
  ["network with a plus, an MQTT wildcard", { network: name("demo+") }, "not a network name"],
  ["network that starts with a dot", { network: name(".demo") }, "not a network name"],
  ["network of 65 letters", { network: `78 41 ${"61".repeat(65)}` }, "not a network name"],
  ["network beyond ASCII", { network: "62 c3bc" }, "not a network name"],
  ["network not UTF-8", { network: "62 c328" }, "a text string that is not UTF-8"],
  ["another private header", { chain: "3a 00010001 85" }, "expected the key -65537 (chain), found -65538"],
  ["chain of 4", { chain: "3a 00010000 84", clock: "" }, "the chain has 5 to 7 parts"],
  ["chain of 8", { chain: "3a 00010000 88" }, "the chain has 5 to 7 parts"],
  ["chain of 7, no configuration", { ...dropping("01 00 00"), chain: "3a 00010000 87" }, "chain ends with"],
  ["a boot's first frame without configuration", { sequence: "00" }, "a configuration stands in"],
  ["its second with one", { chain: "3a 00010000 86", dropped: CONFIGURATION }, "a configuration stands in"],
  ["one that declares the first lost, without", dropping("03 00 06"), "a configuration stands in"],
  ["one that declares another's lost, with", configured("02 00 06"), "a configuration stands in"],
  ["one that declares its second lost, with", configured("03 01 06"), "a configuration stands in"],
  [
    "a configuration of 7 bytes",
    { sequence: "00", chain: "3a 00010000 86", dropped: "47 00000000000000" },
    "configuration has 8 bytes, not 7",
  ],
  [
    "a configuration as text",
    { sequence: "00", chain: "3a 00010000 86", dropped: "68 3030303030303030" },
    "expected an array, found a text string",
  ],
  ["boot negative", { boot: "20" }, "expected an unsigned integer, found a negative integer"],
  ["sequence negative", { sequence: "20" }, "expected an unsigned integer, found a negative integer"],
  ["boot 2^53", { boot: "1b 0020000000000000" }, "an integer or length beyond 2^53 - 1"],
  ["prev of 15 bytes", { prev: `4f ${"00".repeat(15)}` }, "prev has 16 bytes, not 15"],
  ["prev of 32 bytes", { prev: `58 20 ${"00".repeat(32)}` }, "prev has 16 bytes, not 32"],
  ["uptime negative", { uptime: "20" }, "expected an unsigned integer, found a negative integer"],
  ["uptime a float", { uptime: "f9 0000" }, "floating point numbers are not used"],
  ["clock 3", { clock: "03" }, "the clock state is 0, 1 or 2"],

  ["dropped, but nothing", dropping(), "no ranges dropped: the list is left out then"],
  [
    "17 ranges dropped",
    dropping(
      ...Array.from(
        { length: 17 },
        (_, i) => `02 18${(2 * i + 24).toString(16)} 18${(2 * i + 24).toString(16)}`,
      ),
    ),
    "at most 16 dropped ranges",
  ],
  ["a range of 2 parts", { ...dropping(), dropped: "81 82 01 00" }, "a dropped range has 3 parts"],
  ["a range negative", dropping("01 20 00"), "expected an unsigned integer, found a negative integer"],
  ["a range reversed", dropping("02 05 04"), "reversed, out of order, or not in the past"],
  ["a range of this frame itself", dropping("03 05 07"), "reversed, out of order, or not in the past"],
  ["a range of a later boot", dropping("04 00 00"), "reversed, out of order, or not in the past"],
  ["ranges out of order in a boot", dropping("02 05 06", "02 01 02"), "reversed, out of order"],
  ["ranges out of order over boots", dropping("02 00 00", "01 00 00"), "reversed, out of order"],
  ["ranges that overlap", dropping("02 01 05", "02 05 06"), "reversed, out of order"],
  ["ranges that touch: they are one", dropping("02 01 05", "02 06 07"), "reversed, out of order"],
  ["the same range twice", dropping("02 01 05", "02 01 05"), "reversed, out of order"],

  ["something unprotected", { unprotected: "a1 04 40" }, "the unprotected header is empty"],
  ["unprotected an array", { unprotected: "80" }, "expected a map, found an array"],

  ["payload as text", { payloadHead: "78 45" }, "expected a byte string, found a text string"],
  ["payload detached", { payloadHead: "f6" }, "simple values are not used"],
  ["payload a byte short", { payloadHead: "58 44" }, "a byte string ends inside the item it holds"],
  ["payload a byte long", { payloadHead: "58 46" }, "a byte string goes on after the item it holds"],
  [
    "no records",
    { ...ALONE, pack: "80", record1: "", value1: "", name1: "", baseTime: "", unit1: "" },
    "a pack has at least one record",
  ],
  ["a record more than there is", { pack: "84" }, "a byte string ends inside the item it holds"],
  ["a record less than there is", { pack: "82" }, "a byte string goes on after the item it holds"],
  ["a pack that is a map", { pack: "a3" }, "expected an array, found a map"],
  ["a record that is an array", { record1: "84" }, "expected a map, found an array"],
  ["an empty record", { record2: "a0", value2: "", time2: "" }, "an empty record"],
  ["an empty record, its value after it", { record2: "a0", time2: "" }, "an empty record"],
  ["a map of 2 with 3 pairs", { record2: "a1" }, "expected a map, found an unsigned integer"],
  ["a map of 3 with 2 pairs", { record2: "a3" }, "expected an integer, found a map"],
  ["no value, a string", { value2: "03 6161" }, "expected the key 2 (v), found 3"],
  ["no value, a name", { value2: "00 6161" }, "expected the key 2 (v), found 0"],
  ["v twice", { time2: "02 00" }, "the key 2 twice in a record"],
  ["t twice", { record2: "a3", time2: "06 20 06 20" }, "the key 6 twice in a record"],
  ["bn twice", { record3: "a5", name3: `21 ${name("a")} 21 ${name("b")}` }, "the key -2 twice in a record"],
  ["label 4, a boolean value", { time2: "04 f5" }, "SenML label 4 is not used"],
  ["label 5, a sum", { time2: "05 00" }, "SenML label 5 is not used"],
  ["label 7, an update time", { time2: "07 00" }, "SenML label 7 is not used"],
  ["label -1, a version", { time2: "20 0a" }, "SenML label -1 is not used"],
  ["label -5, a base value", { time2: "24 00" }, "SenML label -5 is not used"],
  ["a text label", { time2: "6174 20" }, "expected an integer, found a text string"],

  ["value a half float", { value2: "02 f9 3c00" }, "floating point numbers are not used"],
  ["value a single float", { value2: "02 fa 3f800000" }, "floating point numbers are not used"],
  ["value a double float", { value2: "02 fb 3ff0000000000000" }, "floating point numbers are not used"],
  ["value true", { value2: "02 f5" }, "simple values are not used"],
  ["value text", { value2: "02 6131" }, "expected an integer or a decimal fraction (tag 4)"],
  ["value a bare pair", { value2: "02 82 20 01" }, "expected an integer or a decimal fraction (tag 4)"],
  ["value a bigfloat", { value2: "02 c5 82 20 01" }, "expected an integer or a decimal fraction (tag 4)"],
  ["value beyond 2^53", { value2: "02 1b 0020000000000000" }, "an integer or length beyond 2^53 - 1"],
  ["value 4(1)", { value2: "02 c4 01" }, "expected an array, found an unsigned integer"],
  ["value 4([-1])", { value2: "02 c4 81 20" }, "a decimal fraction is [exponent, mantissa]"],
  ["value 4([-1, 1, 1])", { value2: "02 c4 83 20 01 01" }, "a decimal fraction is [exponent, mantissa]"],
  ["exponent 0", { value2: "02 c4 82 00 01" }, "an exponent is -1 to -9, not 0"],
  ["exponent 1", { value2: "02 c4 82 01 01" }, "an exponent is -1 to -9, not 1"],
  ["exponent -10", { value2: "02 c4 82 29 01" }, "an exponent is -1 to -9, not -10"],
  ["exponent as text", { value2: "02 c4 82 6131 01" }, "expected an integer, found a text string"],
  ["mantissa a bignum", { value2: "02 c4 82 20 c2 41 01" }, "expected an integer, found a tag"],

  ["t after the base time", { time2: "06 01" }, "readings are not later than the base time"],
  ["t after it by a tenth", { time2: "06 c4 82 20 01" }, "readings are not later than the base time"],
  ["t in tenths of milliseconds", { time2: "06 c4 82 23 20" }, "times have milliseconds at most"],
  ["t of -2^28 s", { time2: "06 3a 0fffffff" }, "a reading too long before the base time"],
  ["t a float", { time2: "06 f9 bc00" }, "floating point numbers are not used"],

  ["name empty", { name1: "21 60" }, "not a SenML name"],
  ["name with a space", { name1: `21 ${name("a b")}` }, "not a SenML name"],
  ["name that starts with a dash", { name1: `21 ${name("-a")}` }, "not a SenML name"],
  ["name beyond ASCII", { name1: "21 62 c2b0" }, "not a SenML name"],
  ["name of 65 letters", { name1: `21 78 41 ${"61".repeat(65)}` }, "not a SenML name"],
  ["name as bytes", { name1: "21 41 61" }, "expected a text string, found a byte string"],
  [
    "first record without a name",
    { record1: "a3", name1: "" },
    "the first record names its quantity and its unit",
  ],
  [
    "first record without a unit",
    { record1: "a3", unit1: "" },
    "the first record names its quantity and its unit",
  ],
  ["unit empty", { unit1: "23 60" }, "an empty unit"],
  ["unit not UTF-8", { unit1: "23 61 ff" }, "a text string that is not UTF-8"],

  ["no base time, clock set", { record1: "a3", baseTime: "" }, "the base time is missing"],
  ["no base time, clock kept", { clock: "01", record1: "a3", baseTime: "" }, "the base time is missing"],
  [
    "a base time, clock unset",
    { clock: "00" },
    "a base time stands in the first record, and only where the clock is set",
  ],
  [
    "a base time in the second record",
    { record2: "a3", time2: "06 20 22 1a 6afd86c0" },
    "a base time stands in the first record",
  ],
  ["base time 2^28 - 1", { baseTime: "22 1a 0fffffff" }, "a base time below 2^28 means 'from now'"],
  [
    "base time negative",
    { baseTime: "22 3a 6afd86c0" },
    "expected an unsigned integer, found a negative integer",
  ],
  [
    "base time with a fraction",
    { baseTime: "22 c4 82 20 1b 00000004 2de743c1".replaceAll(" ", "") },
    "expected an unsigned integer, found a tag",
  ],

  ["signature of 63 bytes", { signatureHead: "58 3f", s: "01".repeat(31) }, "a signature has 64 bytes"],
  ["signature of 65 bytes", { signatureHead: "58 41", s: "01".repeat(33) }, "a signature has 64 bytes"],
  ["signature empty", { signatureHead: "40", r: "", s: "" }, "a signature has 64 bytes"],
  ["signature as text", { signatureHead: "78 40" }, "expected a byte string, found a text string"],
  ["a byte after the frame", { s: `${"01".repeat(32)} 00` }, "1 bytes after the end"],
  ["a byte missing", { s: "01".repeat(31) }, "the input ends inside an item"],
  ["4,097 bytes", { ...LONGEST, network: name("demo1") }, "a frame has at most 4096 bytes, not 4097"],
];

/** Another encoding of what could be a frame. */
const NON_CANONICAL: Row[] = [
  ["tag in 2 bytes", { tag: "d8 12" }, "non-shortest"],
  ["array's head in 2 bytes", { parts: "98 04" }, "non-shortest"],
  ["array of indefinite length", { parts: "9f" }, "indefinite-length"],
  ["protected header, length in 3 bytes", { protectedHead: "59 0036" }, "non-shortest"],
  ["protected header in chunks", { protectedHead: "5f" }, "indefinite-length"],
  ["headers, count in 2 bytes", { headers: "b8 05" }, "non-shortest"],
  ["headers of indefinite length", { headers: "bf" }, "indefinite-length"],
  ["alg in 3 bytes", { alg: "01 39 002e" }, "non-shortest"],
  ["content type before alg", { alg: "03 18 70", contentType: "01 38 2e" }, "unsorted-keys"],
  ["chain before claims", { claims: "", network: "", chain: "3a 00010000 85" }, "unsorted-keys"],
  ["kid's length in 2 bytes", { kid: "04 58 08 f1d12012406b87af" }, "non-shortest"],
  ["network in chunks", { network: "7f 64 64656d6f ff" }, "indefinite-length"],
  ["boot in 2 bytes", { boot: "18 03" }, "non-shortest"],
  ["uptime in 5 bytes", { uptime: "1a 00000e10" }, "non-shortest"],
  ["clock in 2 bytes", { clock: "18 02" }, "non-shortest"],
  ["unprotected of indefinite length", { unprotected: "bf ff" }, "indefinite-length"],
  ["payload, length in 5 bytes", { payloadHead: "5a 00000045" }, "non-shortest"],
  ["pack of indefinite length", { pack: "9f", unit3: "23 63 255248 ff" }, "indefinite-length"],
  ["record of indefinite length", { record2: "bf", time2: "06 20 ff" }, "indefinite-length"],
  ["t before v", { value2: "06 20", time2: "02 00" }, "unsorted-keys"],
  ["bt before bn", { name1: "22 1a 6afd86c0", baseTime: "21 61 61" }, "unsorted-keys"],
  ["bu before bn", { name3: "23 63 255248", unit3: "21 61 61" }, "unsorted-keys"],
  ["value 5 in 2 bytes", { value2: "02 18 05" }, "non-shortest"],
  ["value 4([-1, 10]), which is 1", { value2: "02 c4 82 20 0a" }, "a decimal fraction with a trailing zero"],
  [
    "value 4([-2, 2150]), which is 21.5",
    { value2: "02 c4 82 21 19 0866" },
    "a decimal fraction with a trailing zero",
  ],
  ["value 4([-1, 0]), which is 0", { value2: "02 c4 82 20 00" }, "a decimal fraction with a trailing zero"],
  ["tag 4 in 2 bytes", { value2: "02 d8 04 82 20 01" }, "non-shortest"],
  ["t of 0", { time2: "06 00" }, "a relative time of 0 is left out"],
  [
    "t of 4([-3, -1500]), which is -1.5",
    { time2: "06 c4 82 22 39 05db" },
    "a decimal fraction with a trailing zero",
  ],
  [
    "a base name again",
    { record2: "a3", name2: "21 6b 74656d7065726174757265" },
    "a base name that is in force already",
  ],
  ["a base unit again", { record2: "a3", unit2: "23 63 43656c" }, "a base unit that is in force already"],
  ["signature's length in 3 bytes", { signatureHead: "59 0040" }, "non-shortest"],
];

/** r and s that are a frame in form; half the group order is …20a0. */
const HALF_ORDER = "7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0";

function failureOf(bytes: Uint8Array) {
  const result = parseFrame(bytes);
  return "failure" in result ? result.failure : undefined;
}

describe("parseFrame", () => {
  test("takes the golden frame, which is what assemble makes", () => {
    expect(hexOf(assemble())).toBe(hexOf(GOLDEN_BYTES));
    expect(failureOf(GOLDEN_BYTES)).toBeUndefined();
  });

  test.each(MALFORMED)("malformed: %s", (_rule, changes, detail) => {
    const failure = failureOf(assemble(changes));
    expect(failure?.detail).toContain(detail);
    expect(failure?.verdict).toBe("malformed");
  });

  test.each(NON_CANONICAL)("non-canonical: %s", (_rule, changes, detail) => {
    const failure = failureOf(assemble(changes));
    expect(failure?.detail).toContain(detail);
    expect(failure?.verdict).toBe("non-canonical");
  });

  test.each([
    ["half the order", HALF_ORDER, undefined],
    ["half the order and 1", `${HALF_ORDER.slice(0, -1)}1`, "high-s"],
    ["the order less 1", "fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364140", "high-s"],
    ["all ones", "ff".repeat(32), "high-s"],
    ["0", "00".repeat(32), undefined],
  ])("s is %s", (_name, s, verdict) => {
    expect(failureOf(assemble({ s }))?.verdict).toBe(verdict);
  });

  test("high-s names where s starts", () => {
    expect(failureOf(assemble({ s: "ff".repeat(32) }))).toEqual({
      verdict: "high-s",
      detail: "s is above half the group order",
      offset: GOLDEN_BYTES.length - 32,
    });
  });

  test.each(["", "d2", "00", "ff", "f6", "80", "a0", "7b226e223a317d", "efbbbf"])("no frame: %p", (hex) => {
    expect(failureOf(bytesOf(hex))?.verdict).toBe("malformed");
  });

  const AT_THE_LIMITS: [string, Pieces][] = [
    ["clock unset, no base time", { clock: "00", record1: "a3", baseTime: "" }],
    ["clock kept", { clock: "01" }],
    ["base time 2^28", { baseTime: "22 1a 10000000" }],
    ["t of -2^28 s and 1 ms", { time2: "06 c4 82 22 3b 0000003e7ffffc16" }],
    ["network of 64 letters", { network: `78 40 ${"61".repeat(64)}` }],
    ["name of 64 characters", { name1: `21 78 40 ${"61".repeat(60)}2f3a5f2d` }],
    ["exponent -9", { value2: "02 c4 82 28 01" }],
    ["value 2^53 - 1", { value2: "02 1b 001fffffffffffff" }],
    ["value -(2^53 - 1)", { value2: "02 3b 001ffffffffffffe" }],
    [
      "16 ranges dropped",
      dropping(
        ...Array.from(
          { length: 16 },
          (_, i) => `02 18${(2 * i + 24).toString(16)} 18${(2 * i + 24).toString(16)}`,
        ),
      ),
    ],
    ["first of its boot", { sequence: "00", chain: "3a 00010000 86", dropped: CONFIGURATION }],
    ["first of its boot, with losses", { ...configured("02 00 06"), sequence: "00" }],
    ["dropped from the boot's first to the frame before", configured("03 00 06")],
    ["dropped in several boots", dropping("00 00 00", "01 04 04", "01 06 1863", "03 05 05")],
    ["4,096 bytes", LONGEST],
  ];
  test.each(AT_THE_LIMITS)("takes: %s", (_name, changes) => {
    expect(failureOf(assemble(changes))).toBeUndefined();
  });
});

describe("readFrame, in a sequence", () => {
  test("bounds the frame, not the sequence", () => {
    const readSecond = (changes: Pieces) => {
      const reader = new CborReader(Uint8Array.of(...GOLDEN_BYTES, ...assemble(changes), ...GOLDEN_BYTES));
      readFrame(reader);
      return readFrame(reader).bytes.length;
    };
    expect(readSecond(LONGEST)).toBe(4096);
    expect(codeOf(() => readSecond({ ...LONGEST, network: name("demo1") }))).toBe("too-large");
  });
});

describe("the checker's verdicts, in their order", () => {
  const checker = createFrameChecker(testEnrolment, signatureChecker);
  const otherNetwork: Pieces = { network: name("prod") };
  const otherDevice: Pieces = { kid: "04 48 0000000000000000" };
  const otherSignature: Pieces = { r: "01".repeat(32), s: "01".repeat(32) };
  const highS: Pieces = { s: "ff".repeat(32) };
  const nonCanonical: Pieces = { clock: "18 02" };

  test.each<[string, Pieces, string, string]>([
    ["as signed", {}, "ok", ""],
    ["another network", otherNetwork, "wrong-network", 'signed for "prod", not for "demo"'],
    ["another device", otherDevice, "unknown-device", "the registry has no such device"],
    [
      "another signature",
      otherSignature,
      "bad-signature",
      "the signature is not the device's over these bytes",
    ],
    ["r is 0", { r: "00".repeat(32) }, "bad-signature", ""],
    ["r is the group order or more", { r: "ff".repeat(32) }, "bad-signature", ""],
    ["s is 0", { s: "00".repeat(32) }, "bad-signature", ""],
    ["device before signature", { ...otherDevice, ...otherSignature }, "unknown-device", ""],
    ["network before device", { ...otherNetwork, ...otherDevice, ...otherSignature }, "wrong-network", ""],
    ["high s before network", { ...otherNetwork, ...highS }, "high-s", ""],
    ["encoding before high s", { ...nonCanonical, ...highS }, "non-canonical", ""],
    ["form before encoding, where it comes first", { ...nonCanonical, boot: "20" }, "malformed", ""],
  ])("%s", (_name, changes, verdict, detail) => {
    const result = checker.check(assemble(changes));
    const failure = "failure" in result ? result.failure : undefined;
    expect(failure?.verdict ?? "ok").toBe(verdict);
    expect(failure?.detail ?? "").toContain(detail);
  });
});
