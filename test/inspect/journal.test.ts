import { expect, test } from "@jest/globals";
import { openJournal } from "../../agent/journal/journal.js";
import { annotateJournal } from "../../inspect/journal.js";
import { createMemoryFlash } from "../../node/ports/flash.js";
import { hasher } from "../../node/ports/signer.js";

const SECTOR_BYTES = 1024;
const KID = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);

/** Three frames, of which the first is acknowledged, and the start of the boot after. */
function image(): Uint8Array {
  const bytes = new Uint8Array(4 * SECTOR_BYTES).fill(0xff);
  const flash = createMemoryFlash({ size: bytes.length, sectorBytes: SECTOR_BYTES, bytes });
  const init = {
    flash,
    hasher,
    kid: KID,
    frameBytes: 160,
    handler: { sectorFailed() {}, holds: () => 0, delivered() {} },
  };
  const journal = openJournal(init);
  journal.begin();
  for (let sequence = 0; sequence < 3; sequence++) {
    const frame = new Uint8Array(100).fill(sequence);
    const digest = new Uint8Array(32);
    hasher.sha256(frame, digest, 0);
    journal.append({ boot: 7, sequence }, frame, digest);
    if (sequence === 0) journal.acknowledge(0);
  }
  return bytes;
}

function show(bytes: Uint8Array) {
  const flash = createMemoryFlash({ size: bytes.length, sectorBytes: SECTOR_BYTES, bytes });
  return [...annotateJournal(flash, hasher)];
}

test("every record of an image is shown, with what it means", () => {
  const lines = show(image());
  expect(lines.map(({ kind }) => kind)).toEqual([
    ...["sector", "seal", "frame", "state", "frame", "frame", "erased"],
    ...["erased", "erased", "erased"],
  ]);
  expect(lines[0]?.meaning).toContain("device 0102030405060708, serial 1");
  expect(lines.filter(({ kind }) => kind === "frame").map(({ meaning }) => meaning)).toEqual([
    "id 0, boot 7, sequence 0",
    "id 1, boot 7, sequence 1",
    "id 2, boot 7, sequence 2",
  ]);
  expect(lines[3]?.meaning).toBe("pending: nothing");
  expect(lines[5]?.frame).toEqual(new Uint8Array(100).fill(2));
  // Nothing is left out, and nothing is shown twice.
  let end = 0;
  for (const { sector, offset, bytes } of lines) {
    expect(sector * SECTOR_BYTES + offset).toBe(end);
    end += bytes;
  }
  expect(end).toBe(4 * SECTOR_BYTES);
});

test("a frame with one bit turned is damaged, and those after it are shown all the same", () => {
  const bytes = image();
  const second = show(bytes)[4] as { offset: number };
  bytes[second.offset + 50] = (bytes[second.offset + 50] as number) ^ 1;
  const lines = show(bytes);
  expect(lines.map(({ kind }) => kind).slice(3, 6)).toEqual(["state", "damaged", "frame"]);
  expect(lines[5]?.meaning).toBe("id 2, boot 7, sequence 2");
});

test("an image that is no journal has no record", () => {
  const bytes = new Uint8Array(4 * SECTOR_BYTES).fill(0x5a);
  expect(new Set(show(bytes).map(({ kind }) => kind))).toEqual(new Set(["damaged"]));
});
