import { describe, expect, test } from "@jest/globals";
import { didOfKey } from "../../../agent/frame/identity.js";
import { MAX_DROPPED_RANGES, MAX_FRAME_BYTES, MAX_NAME_LENGTH } from "../../../agent/frame/layout.js";
import { VERDICTS } from "../../../agent/frame/verdict.js";
import { bytesOf, hexOf, makeFrame, reading, testSigner } from "../../support/frames.js";
import { GOLDEN_HEADER, GOLDEN_READINGS } from "./golden.js";
import { block, PROTOCOL, table } from "./protocol.js";

describe("docs/protocol.md", () => {
  test("shows the frame that the code makes", () => {
    expect(hexOf(bytesOf(block("hex")))).toBe(hexOf(makeFrame(GOLDEN_READINGS, GOLDEN_HEADER)));
  });

  test("comments each line of it, its numbers of bytes and all", () => {
    const said = [...block("hex").matchAll(/byte string of (\d+)/g)].map(([, bytes]) => Number(bytes));
    expect(said).toEqual([0x36, 8, 16, 0x45, 0x40]);
  });

  test("names the device of that frame, and when it was", () => {
    expect(PROTOCOL).toContain(didOfKey(testSigner.publicKey));
    const date = new Date(GOLDEN_HEADER.time * 1000).toISOString().replace("T", " ").replace(".000Z", " UTC");
    expect(PROTOCOL).toContain(`${GOLDEN_HEADER.time} (${date})`);
  });

  test("lists the verdicts that there are", () => {
    expect(table("| verdict | meaning |").map(([verdict]) => verdict)).toEqual([...VERDICTS]);
  });

  test("says the limits that the code has", () => {
    expect([MAX_FRAME_BYTES, MAX_DROPPED_RANGES, MAX_NAME_LENGTH]).toEqual([4096, 16, 64]);
    for (const limit of ["at most 4,096 bytes", "most 16 ranges", "1 to 64 characters"])
      expect(PROTOCOL).toContain(limit);
  });

  test("gives the sizes that frames have", () => {
    const late = { boot: 65535, sequence: 65535, uptime: 2 ** 32 - 1 };
    const wide = { mantissa: 2 ** 31 + 1, exponent: -9 };
    const size = (...args: Parameters<typeof makeFrame>) => String(makeFrame(...args).length);
    expect(table("| one reading | bytes |").map(([, bytes]) => bytes)).toEqual([
      size(),
      size([reading()], { clock: 0 }),
      size([reading()], { sequence: 1 }),
      size([reading()], late),
      size([{ ...reading(), ...wide }], late),
    ]);

    const cost = (name: string, unit: string, age: number, value = {}) =>
      makeFrame([reading(), { ...reading(name, unit, 2153, -2, age), ...value }]).length - makeFrame().length;
    const other = "rain-amount";
    expect(table("| each further reading | bytes |").map(([, bytes]) => bytes)).toEqual(
      [
        [cost("temperature", "Cel", 0)],
        [cost("temperature", "Cel", 5000)],
        [cost("temperature", "Cel", 1234)],
        [cost("temperature", "Cel", 1234, wide)],
        [cost(other, "Cel", 0)],
        [cost(other, "Cel", 5000)],
        ["m", "mm", "hPa"].map((unit) => cost(other, unit, 0)),
        [cost(other, "hPa", 5000)],
      ].map((costs) => costs.join(", ")),
    );
  });
});
