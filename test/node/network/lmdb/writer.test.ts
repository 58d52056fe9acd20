import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "@jest/globals";
import { open, type RootDatabase } from "lmdb";
import { Writer } from "../../../../node/network/lmdb/writer.js";

const KEY = Buffer.of(1);
let folder: string;
let root: RootDatabase<Buffer, Buffer>;
let writer: Writer;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "fieldmark-writer-"));
  const path = join(folder, "a.mdb");
  root = open({ path, keyEncoding: "binary", encoding: "binary", overlappingSync: false });
  writer = new Writer(path);
  writer.open(root);
});
afterEach(async () => {
  await root.close();
  rmSync(folder, { recursive: true, force: true });
});

test("what was committed is there", async () => {
  await writer.commit(1, () => root.put(KEY, Buffer.of(2)));
  expect(root.get(KEY)).toEqual(Buffer.of(2));
});

test("where the disk has no room for it, or takes nothing, LMDB is not asked", async () => {
  const put = () => root.put(KEY, Buffer.of(2));
  await expect(writer.commit(2 ** 40, put)).rejects.toThrow(/ENOSPC: .* MB left/);
  const gone = new Writer(join(folder, "gone", "a.mdb"));
  gone.open(root);
  await expect(gone.commit(1, put)).rejects.toThrow("ENOENT");
  expect(root.get(KEY)).toBeUndefined();
});
