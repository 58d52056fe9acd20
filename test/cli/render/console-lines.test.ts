import { expect, test } from "@jest/globals";
import { CURRENT_STATE, PacketWriter, STATE_READY } from "../../../agent/provision/improv.js";
import { type ConsoleLine, ConsoleReader, lineText } from "../../../cli/render/console-lines.js";

function linesOf(...chunks: readonly (string | Uint8Array)[]): ConsoleLine[] {
  const lines: ConsoleLine[] = [];
  const reader = new ConsoleReader((line) => lines.push(line));
  for (const chunk of chunks) reader.received(Buffer.from(chunk as Uint8Array));
  reader.end();
  return lines;
}

test("log lines, events, and Improv packets are told apart, however they are cut up", () => {
  const writer = new PacketWriter();
  writer.begin(CURRENT_STATE);
  writer.byte(STATE_READY);
  const packet = writer.finish().slice();
  const said = ['\u001b[0;32mI (27) boot: hello\u001b[0m\r\n{"type":"booted","boot":3}\n'];
  const stream = Buffer.concat([Buffer.from(said[0] as string), packet, Buffer.from("\u0007bye")]);
  const expected = [
    { type: "log", text: "I (27) boot: hello" },
    { type: "event", event: { type: "booted", boot: 3 } },
    { type: "improv", packet: "state" },
    { type: "log", text: "\u0007bye" },
  ];
  expect(linesOf(stream)).toMatchObject(expected);
  expect(linesOf(...[...stream].map((byte) => Uint8Array.of(byte)))).toMatchObject(expected);
  expect(linesOf(stream).map(lineText)[1]).toBe("booted  boot 3");
  expect(linesOf(stream).map(lineText)[3]).toBe("\\u{7}bye");
});

test("a line without an end is shown in pieces", () => {
  expect(linesOf("x".repeat(10_000)).map((line) => lineText(line).length)).toEqual([4096, 4096, 1808]);
});
