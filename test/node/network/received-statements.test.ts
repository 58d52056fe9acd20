import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "@jest/globals";
import { ReceivedStatements } from "../../../node/network/received-statements.js";

test("there is room for so many files and bytes, also after a restart", () => {
  const folder = mkdtempSync(join(tmpdir(), "fieldmark-received-"));
  try {
    const open = () => new ReceivedStatements(folder, { files: 3, bytes: 10 });
    const received = open();
    received.keep("aa", new Uint8Array(4));
    received.keep("aa", new Uint8Array(4));
    expect([received.hasRoomFor(6), received.hasRoomFor(7)]).toEqual([true, false]);
    received.keep("bb", new Uint8Array(1));
    expect([open().hasRoomFor(5), open().hasRoomFor(6)]).toEqual([true, false]);
    received.keep("cc", new Uint8Array(1));
    expect([received.hasRoomFor(1), open().hasRoomFor(1)]).toEqual([false, false]);
    expect(readdirSync(folder)).toHaveLength(3);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
