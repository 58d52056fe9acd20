import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { createLog } from "../../../network/log/log.js";
import { verifierKeyText } from "../../../network/log/note-key.js";
import { openLogFiles } from "../../../node/network/log-files.js";
import { noteChecker as checker } from "../../../node/ports/note-keys.js";
import { temporaryFolder } from "../../support/cli.js";
import { hexOf } from "../../support/frames.js";
import { entriesOf, noteKey } from "../../support/logs.js";
import { notRun } from "../../support/not-run.js";

const PROGRAM = join(__dirname, "../../support/check-log.py");
const ORIGIN = "witness.example/log";
const folder = temporaryFolder();
const files = openLogFiles(folder);
const log = createLog({ files, checker, origin: ORIGIN, key: noteKey(ORIGIN) });
for (const batch of [1, 4, 251, 300, 57]) log.append(entriesOf(log.size, log.size + batch));
files.close();

const base64 = (hashes: Uint8Array[]) => hashes.map((hash) => Buffer.from(hash).toString("base64"));
const inclusion = [0, 5, 255, 256, 511, 612].flatMap((index) =>
  [log.size, index + 1].map((size) => ({ index, size, hashes: base64(log.inclusion(index, size)) })),
);
const consistency = [0, 1, 5, 256, 512, 556, 613].map((old) => ({
  old,
  size: log.size,
  hashes: base64(log.consistency(old)),
}));
const proofs = { inclusion, consistency };

const check = (input: unknown = proofs, key = verifierKeyText(log.key)) => {
  const { status, stdout, stderr } = spawnSync("python3", [PROGRAM, folder, key], {
    input: JSON.stringify(input),
    encoding: "utf8",
  });
  return status === 0 ? JSON.parse(stdout) : stderr;
};

/** What it says with `path` changed. */
function checkWith(path: string, change: (bytes: Buffer) => Buffer): unknown {
  const file = join(folder, path);
  const bytes = readFileSync(file);
  writeFileSync(file, change(Buffer.from(bytes)));
  try {
    return check();
  } finally {
    writeFileSync(file, bytes);
  }
}

const flip = (at: number) => (bytes: Buffer) => {
  bytes[at] = (bytes[at] as number) ^ 1;
  return bytes;
};

if (spawnSync("python3", ["--version"]).error !== undefined)
  notRun("a second opinion on the log", "no python3");
else
  describe("a program that shares no code with this one", () => {
    test("finds the log's files, its signature and its proofs right", () => {
      expect(check()).toEqual({
        size: 613,
        root: hexOf(log.root),
        tiles: 4,
        proofs: inclusion.length + consistency.length,
      });
    });

    test("finds out what is wrong", () => {
      expect(checkWith("tile/0/001", flip(0))).toContain("tile/0/001 is not what its entries make it");
      expect(checkWith("tile/1/000.p/2", flip(63))).toContain("tile/1/000.p/2 is not what");
      expect(checkWith("tile/entries/002.p/101", flip(5))).toContain("the root is not that of the entries");
      expect(checkWith("tile/entries/002.p/101", (bytes) => bytes.subarray(1))).toContain(
        "tile/entries/002.p/101",
      );
      const size = Buffer.from(`${ORIGIN}\n`).length;
      expect(checkWith("checkpoint", flip(size))).toContain("the signature is wrong");
      const [first, ...others] = inclusion;
      expect(check({ inclusion: [{ ...first, index: 1 }, ...others], consistency })).toContain("not proved");
      expect(check({ inclusion, consistency: [{ old: 5, size: 613, hashes: [] }] })).not.toHaveProperty(
        "size",
      );
    });
  });
