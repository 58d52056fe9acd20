import { describe, expect, test } from "@jest/globals";
import { PacketReader, PacketWriter, resultStrings } from "../../../agent/provision/improv.js";

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const bytes = (text: string) => Uint8Array.from(Buffer.from(text.replace(/\s/g, ""), "hex"));

/** What a reader finds in it: `type:data`, or `damaged type`. */
function found(input: Uint8Array, piece = input.length): string[] {
  const seen: string[] = [];
  const reader = new PacketReader({
    packet: (type, data) => seen.push(`${type}:${hex(data)}`),
    damaged: (type) => seen.push(`damaged ${type}`),
  });
  for (let at = 0; at < input.length; at += piece) reader.received(input.subarray(at, at + piece));
  return seen;
}

/** Packets as the standard lays them out, and as they are written here between line feeds. */
const PACKETS = [
  ["a state", "494d50524f56 01 01 01 02 e2", "1:02"],
  ["an error", "494d50524f56 01 02 01 ff e0", "2:ff"],
  ["Wi-Fi settings", "494d50524f56 01 03 05 01 03 01 61 00 4c", "3:0103016100"],
  ["a result", "494d50524f56 01 04 04 05 02 01 61 4f", "4:05020161"],
] as const;

describe("packets", () => {
  test.each(PACKETS)("%s is read", (_, packet, expected) => {
    expect(found(bytes(packet))).toEqual([expected]);
    expect(found(bytes(packet), 1)).toEqual([expected]);
  });

  test.each(PACKETS)("%s is written the same, between line feeds", (_, packet, expected) => {
    const [type, data] = expected.split(":") as [string, string];
    const writer = new PacketWriter();
    if (type === "4") {
      writer.beginResult(5);
      writer.text("a");
    } else {
      writer.begin(Number(type) as 1 | 2 | 3);
      writer.bytes(bytes(data));
    }
    expect(hex(writer.finish())).toBe(`0a${packet.replace(/ /g, "")}0a`);
  });

  test("a result of 10 bytes gets an empty string more: the JavaScript client takes that length for a line feed", () => {
    const writer = new PacketWriter();
    writer.beginResult(5);
    writer.text("ridge-1");
    const packet = writer.finish();
    expect(packet[9]).toBe(11);
    expect(found(packet)).toEqual([`4:0509077269${"6467652d3100"}`]);
    expect(resultStrings(packet.subarray(10, -2))?.map((text) => Buffer.from(text).toString())).toEqual([
      "ridge-1",
      "",
    ]);
  });

  test("what is too long is refused, and the packet before it stays", () => {
    const writer = new PacketWriter();
    writer.beginResult(3);
    writer.text("a".repeat(250));
    expect(() => writer.text("bc")).toThrow(RangeError);
    expect(writer.finish().length).toBe(2 + 9 + 253 + 1);
  });
});

describe("among other bytes", () => {
  const state = "494d50524f56010101 02 e2";
  test.each([
    ["text before it without a line feed", `48656c6c6f ${state}`, ["1:02"]],
    ["its own beginning before it", `494d5052 ${state}`, ["1:02"]],
    ["the letter I before it", `49 ${state}`, ["1:02"]],
    ["two in a row", `${state}${state}`, ["1:02", "1:02"]],
    ["another version before it", `494d50524f56020101 02 e3 ${state}`, ["1:02"]],
    ["one with a wrong checksum before it", `494d50524f56010101 02 00 ${state}`, ["damaged 1", "1:02"]],
    [
      "one whose length is too much before it",
      `494d50524f56010110 02 ${state} 000000000000`,
      ["damaged 1", "1:02"],
    ],
  ])("%s", (_, input, expected) => {
    expect(found(bytes(input))).toEqual(expected);
    expect(found(bytes(input), 1)).toEqual(expected);
  });

  test("a packet whose rest does not come is given up, and the next one read", () => {
    const seen: number[] = [];
    const reader = new PacketReader({ packet: (type) => seen.push(type), damaged() {} });
    reader.received(bytes("494d50524f560103ff 0102"));
    expect(reader.isInside).toBe(true);
    reader.giveUp();
    expect(reader.isInside).toBe(false);
    reader.received(bytes(state));
    expect(seen).toEqual([1]);
  });
});

test.each([
  ["none", "0400", []],
  ["two", "0404 0161 0162", ["a", "b"]],
  ["one, and a checksum behind it", "0402 0161 ff", ["a"]],
  ["one that is longer than the result", "0402 0261", undefined],
  ["a result that is longer than the packet", "0405 0161", undefined],
  ["nothing", "04", undefined],
])("strings of a result: %s", (_, data, expected) => {
  expect(resultStrings(bytes(data))?.map((text) => Buffer.from(text).toString())).toEqual(expected);
});
