import fs, { readdirSync, readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { afterEach, expect, jest, test } from "@jest/globals";
import type { Judgement } from "../../../network/verify/judgement.js";
import { createRegistry } from "../../../network/verify/registry.js";
import { segmentsOf, wholeOf } from "../../../node/network/segments.js";
import { openFrameStore } from "../../../node/network/store.js";
import { verifySequences } from "../../../node/network/verify-file.js";
import { keyReader, signatureChecker } from "../../../node/ports/signer.js";
import { Chain } from "../../network/verify/board.js";
import { temporaryFolder } from "../../support/cli.js";
import { TEST_REGISTRY } from "../../support/judge-harness.js";

const folder = temporaryFolder();
let count = 0;
const newPath = () => join(fs.mkdtempSync(join(folder, "r")), `kept${count++}.cborseq`);
const plain = (frames: readonly Uint8Array[]) => frames.map((bytes) => Buffer.from(bytes).toString("hex"));
afterEach(() => {
  jest.restoreAllMocks();
});

function contents(path: string): Uint8Array[] {
  const frames: Uint8Array[] = [];
  openFrameStore(path, (frame) => frames.push(frame.slice())).store.close();
  return frames;
}

async function verdicts(...paths: string[]): Promise<string[]> {
  const said: Judgement[] = [];
  const registry = createRegistry(TEST_REGISTRY, keyReader, "r");
  await verifySequences(
    paths.map((path) => fs.createReadStream(path)),
    registry,
    signatureChecker,
    (one) => said.push(one),
  );
  return said.map(({ verdict }) => verdict);
}

test("by size: closed segments in order, a frame is never cut, and each verifies alone and with the others", async () => {
  const path = newPath();
  const frames = new Chain().run(10);
  const { store } = openFrameStore(path, () => {}, { bytes: 500 });
  for (const frame of frames) store.append(frame);
  store.close();
  const segments = segmentsOf(path);
  expect(segments).toHaveLength(3);
  for (const one of segments) expect(basename(one)).toMatch(/^kept\d+\.\d{8}T\d{6}\.\d{3}Z\.cborseq$/);
  for (const one of [...segments, path]) expect(statSync(one).size).toBeLessThanOrEqual(500);
  expect(segments.map(wholeOf)).toEqual([path, path, path]);
  expect(wholeOf(path)).toBe(path);
  const all = [...segments, path];
  expect(Buffer.concat(all.map((one) => readFileSync(one)))).toEqual(Buffer.concat(frames));
  expect(await verdicts(...all)).toEqual(frames.map(() => "ok"));
  for (const one of all) expect(new Set(await verdicts(one))).toEqual(new Set(["ok"]));
  expect(plain(contents(path))).toEqual(plain(frames));
});

test("by age: also where nothing comes any more; and the clock may go back", () => {
  const path = newPath();
  const frames = new Chain().run(4);
  const clock = jest.spyOn(Date, "now");
  let now = Date.parse("2027-01-01T00:00:00Z");
  clock.mockImplementation(() => now);
  const { store } = openFrameStore(path, () => {}, { age: 1000 });
  store.append(frames[0] as Uint8Array);
  now += 999;
  store.sync();
  expect(segmentsOf(path)).toEqual([]);
  now += 1;
  store.sync();
  expect(segmentsOf(path).map((one) => basename(one).slice(-28))).toEqual([
    ".20270101T000001.000Z.cborseq".slice(-28),
  ]);
  store.append(frames[1] as Uint8Array);
  now += 1000;
  store.append(frames[2] as Uint8Array);
  now -= 86_400_000;
  store.append(frames[3] as Uint8Array);
  now += 2000;
  store.sync();
  store.close();
  expect(segmentsOf(path)).toHaveLength(3);
  expect(plain(contents(path))).toEqual(plain(frames));
});

test.each(["before the file gets its name", "before the next file is there"])(
  "an end in the middle, %s: nothing is lost, and a start goes on",
  (when) => {
    const path = newPath();
    const frames = new Chain().run(4);
    const { store } = openFrameStore(path, () => {}, { bytes: 500 });
    for (const frame of frames.slice(0, 3)) store.append(frame);
    const ended = () => {
      throw new Error("the process ends here");
    };
    if (when.startsWith("before the file")) jest.spyOn(fs, "renameSync").mockImplementation(ended);
    else {
      const open = fs.openSync;
      jest
        .spyOn(fs, "openSync")
        .mockImplementation((...words) => (words[0] === path ? ended() : open(...words)));
    }
    expect(() => store.append(frames[3] as Uint8Array)).toThrow("the process ends here");
    jest.restoreAllMocks();
    fs.rmSync(`${path}.lock`); // as where the process is another one, which has ended
    const copy = `${path.slice(0, -8)}x`;
    expect(fs.existsSync(copy)).toBe(false);
    const kept = [...segmentsOf(path), ...(fs.existsSync(path) ? [path] : [])];
    expect(Buffer.concat(kept.map((one) => readFileSync(one)))).toEqual(Buffer.concat(frames.slice(0, 3)));
    expect(readdirSync(join(path, "..")).length).toBe(1);
  },
);
