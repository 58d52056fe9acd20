import { createHash } from "node:crypto";
import { beforeAll, describe, expect, test } from "@jest/globals";
import { ask, buildDriver, COMPILE_TIMEOUT, FLAVOURS, type Flavour } from "./driver.js";

/** A message is `hex`, `times` over. The digests are NIST's: FIPS 180-4's examples and their "additional test vectors". */
const NIST = [
  ["nothing", "", 1, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],
  ["one byte", "bd", 1, "68325720aabd7c82f30f554b313d0570c95accbb7dc4b5aae11204c08ffe732b"],
  ["abc", "616263", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"],
  ["4 bytes", "c98c8e55", 1, "7abc22c0ae5af26ce93dbb94433a0e0b2e119d014f8e7f65bd56c61ccccd9504"],
  [
    "55 zeros: length in the same block",
    "00",
    55,
    "02779466cdec163811d078815c633f21901413081449002f24aa3e80f0b88ef7",
  ],
  [
    "56 zeros: length in the next",
    "00",
    56,
    "d4817aa5497628e7c77e6b606107042bbba3130888c5f47a375e6179be789fbb",
  ],
  ["57 zeros", "00", 57, "65a16cb7861335d5ace3c60718b5052e44660726da4cd13bb745381b235a1785"],
  ["64 zeros: a whole block", "00", 64, "f5a5fd42d16a20302798ef6ed309979b43003d2320d9f0e8ea9831a92759fb4b"],
  ["1,000 zeros", "00", 1000, "541b3e9daa09b20bf85fa273e5cbd3e80185aa4ec298e765db87742b70138a53"],
  ["1,000 A", "41", 1000, "c2e686823489ced2017f6059b8b239318b6364f6dcd835d0a519105a1eadd6e4"],
  ["1,005 U", "55", 1005, "f4d62ddec0f3dd90ea1380fa16a5ff8dc4c54b21740650f24afc4120903552b0"],
  ["a million a", "61", 1_000_000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"],
  ["a million zeros", "00", 1_000_000, "d29751f2649b32ff572b5e0a9f541ea660a50f94ff0beedfb0b692b924cc8025"],
] as const;

describe.each(Object.keys(FLAVOURS) as Flavour[])("SHA-256, %s", (flavour) => {
  let program: string;
  beforeAll(() => {
    program = buildDriver(flavour);
  }, COMPILE_TIMEOUT);

  test.each(NIST)("%s", async (_name, hex, times, digest) => {
    const count = times.toString(16).padStart(6, "0");
    expect(await ask(program, [`repeat ${hex || "-"} ${count}`])).toEqual([digest]);
  });

  test("every length to 300 bytes, and some long ones, as node:crypto", async () => {
    const lengths = [...Array(301).keys(), 1023, 4096, 65_537, 200_000];
    const messages = lengths.map((length) =>
      Buffer.from(Array.from({ length }, (_, i) => (i * 151 + length) & 255)),
    );
    const found = await ask(
      program,
      messages.map((message) => `sha256 ${message.toString("hex") || "-"}`),
    );
    expect(found).toEqual(messages.map((message) => createHash("sha256").update(message).digest("hex")));
  });
});
