import {
  closeSync,
  fsyncSync,
  openSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import type { Flash } from "../../agent/ports/flash.js";
import type { KeyValue } from "../../agent/ports/key-value.js";
import { describeFlash, SECTOR_BYTES, SIZE } from "../conformance/flash.js";
import { describeKeyValue } from "../conformance/key-value.js";
import { temporaryFolder } from "../support/cli.js";
import { loadFirmware } from "./boards/board.js";

type FileFlash = new (path: string, geometry: { sectors: number; sectorBytes: number }) => Flash;

/** The SDK's files (modules/io/files/posix) in a folder: what it throws is strerror's text. `log` gets what is written and flushed. */
function fakeFiles(folder: string, log: string[] = []) {
  const open = ({ path, mode = "r" }: { path: string; mode?: string }) => {
    let handle: number;
    try {
      handle = openSync(join(folder, path), mode);
    } catch (error) {
      throw new Error((error as { code: string }).code === "ENOENT" ? "No such file or directory" : "?");
    }
    return {
      close: () => closeSync(handle),
      read(into: number | Uint8Array, position: number) {
        const bytes = typeof into === "number" ? new Uint8Array(into) : into;
        const count = readSync(handle, bytes, 0, bytes.length, position);
        return typeof into === "number" ? bytes.slice(0, count).buffer : count;
      },
      write(bytes: Uint8Array, position: number) {
        log.push("write");
        writeSync(handle, bytes, 0, bytes.length, position);
      },
      status: () => ({ size: statSync(join(folder, path)).size }),
      flush() {
        log.push("flush");
        fsyncSync(handle);
      },
    };
  };
  return {
    openFile: open,
    delete: (path: string) => rmSync(join(folder, path)),
    move(from: string, to: string) {
      log.push("move");
      renameSync(join(folder, from), join(folder, to));
    },
  };
}

function loadSim<T>(module: string, folder: string, log?: string[]): T {
  return loadFirmware<T>(`sim/${module}.ts`, {
    "embedded:storage/files": { default: fakeFiles(folder, log) },
  });
}

describeFlash("the sim's file", () => {
  const { FileFlash } = loadSim<{ FileFlash: FileFlash }>("flash", temporaryFolder());
  const geometry = { sectors: SIZE / SECTOR_BYTES, sectorBytes: SECTOR_BYTES };
  return { open: () => new FileFlash("journal.bin", geometry), close() {} };
});

describeKeyValue("the sim's files", () => {
  const { FileKeyValue } = loadSim<{ FileKeyValue: new () => KeyValue<string> }>(
    "key-value",
    temporaryFolder(),
  );
  return { open: () => new FileKeyValue(), close() {} };
});

describe("the sim's journal", () => {
  const geometry = { sectors: 2, sectorBytes: 4096 };

  test("a file of another size is refused by its name, and left alone", () => {
    const folder = temporaryFolder();
    writeFileSync(join(folder, "journal.bin"), "not a journal");
    const { FileFlash } = loadSim<{ FileFlash: FileFlash }>("flash", folder);
    expect(() => new FileFlash("journal.bin", geometry)).toThrow(/^journal.bin: has 13 bytes, not 8192/);
    expect(statSync(join(folder, "journal.bin")).size).toBe(13);
  });

  test("is made whole or not at all, and each change of it is flushed before the call returns", () => {
    const log: string[] = [];
    const { FileFlash } = loadSim<{ FileFlash: FileFlash }>("flash", temporaryFolder(), log);
    const flash = new FileFlash("journal.bin", geometry);
    expect(log.splice(0)).toEqual(["write", "write", "flush", "move"]);
    flash.program(8, Uint8Array.of(1, 2, 3, 4));
    expect(log.splice(0)).toEqual(["write", "flush"]);
    flash.erase(4096);
    expect(log).toEqual(["write", "flush"]);
  });

  test("a file that was cut short under it is an error", () => {
    const folder = temporaryFolder();
    const { FileFlash } = loadSim<{ FileFlash: FileFlash }>("flash", folder);
    const flash = new FileFlash("journal.bin", geometry);
    writeFileSync(join(folder, "journal.bin"), new Uint8Array(100));
    expect(() => flash.read(96, new Uint8Array(8))).toThrow("journal.bin: cut short at byte 100");
  });
});
