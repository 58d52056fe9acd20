import { describe, expect, test } from "@jest/globals";
import { below, createRandom32 } from "../../../host-sim/virtual-board/flash/random.js";
import { bootFrom } from "../../../host-sim/virtual-board/rom/boot.js";
import { CHIP_MODELS } from "../../../host-sim/virtual-board/rom/chips.js";
import { FlashChip } from "../../../host-sim/virtual-board/rom/flash-chip.js";
import { MemoryBoard } from "../../../host-sim/virtual-board/rom/memory-board.js";
import type { MemoryWireOptions } from "../../../host-sim/virtual-board/rom/memory-wire.js";
import { PARTITIONS, sampleBuild } from "../../../host-sim/virtual-board/rom/sample-build.js";
import type { Bundle } from "../../../provision/bundle/bundle.js";
import type { BuildFiles } from "../../../provision/bundle/make.js";
import type { OperationEvent } from "../../../provision/events.js";
import { writeAppImage } from "../../../provision/flash/app-image.js";
import { writePartitionTable } from "../../../provision/flash/partition-table.js";
import { flash } from "../../../provision/operations/flash.js";
import type { Wire } from "../../../provision/wire.js";
import { bundleOf, outcomeOf, smallBundle } from "../support/firmware.js";

const MAC = "34:85:18:01:02:03";
const NVS = 0x9000;
const JOURNAL = 0x380000;

const boots = (board: MemoryBoard) => !("failure" in bootFrom(board.flash, CHIP_MODELS.esp32c3));
const stepsOf = (events: readonly OperationEvent[]) =>
  events.flatMap((event) => (event.type === "step" ? [event.step] : []));
const holdsKey = (board: MemoryBoard) => board.flash.bytes[NVS] === 0x42;
const holdsFrames = (board: MemoryBoard) => board.flash.bytes[JOURNAL] === 0x43;

/** A board that has firmware already, and a key, and frames that wait. */
async function usedBoard(): Promise<MemoryBoard> {
  const board = new MemoryBoard();
  for (const { offset, data } of sampleBuild({ size: 1000 }).parts) board.flash.program(offset, data);
  board.flash.program(NVS, new Uint8Array(64).fill(0x42));
  board.flash.program(JOURNAL, new Uint8Array(64).fill(0x43));
  return board;
}

/** The sample with its parts changed. */
function changed(change: (parts: BuildFiles["parts"]) => BuildFiles["parts"]): BuildFiles {
  const build = sampleBuild({ size: 1000 });
  return { ...build, parts: change(build.parts) };
}

test("a board is identified, written, compared, and starts what was written", async () => {
  const board = new MemoryBoard();
  const bundle = await smallBundle();
  const { events, result, error } = await outcomeOf(flash(board.plug(), bundle));
  expect(error).toBeUndefined();
  expect(stepsOf(events)).toEqual(["identify", "flash", "verify"]);
  expect(events).toContainEqual({ type: "identified", chip: "esp32c3", mac: MAC, flashBytes: 4 << 20 });
  expect(result).toMatchObject({ chip: "esp32c3", mac: MAC, baud: 460_800 });
  expect(boots(board)).toBe(true);
  const last = events.filter((event) => event.type === "progress" && event.step === "flash").at(-1);
  expect(last).toMatchObject({ done: result?.bytes, total: result?.bytes });
});

describe("what is in the way", () => {
  const key = async () => usedBoard();
  const fresh = async () => new MemoryBoard();
  const older = sampleBuild({ version: "0.0.9", size: 1000 });
  const second = async () => {
    const board = await usedBoard();
    const app = { chip: CHIP_MODELS.esp32c3.id, project: "fieldmark", version: "0.2.0-rc.1" };
    board.flash.program(0x1d0000, writeAppImage(app, new Uint8Array(100)));
    return board;
  };
  const nvs = { path: "nvs.bin", offset: NVS, data: new Uint8Array(16) };
  const merged = changed((parts) => {
    const data = new Uint8Array(0x21000).fill(0xff);
    for (const part of parts) data.set(part.data, part.offset);
    return [{ path: "merged.bin", offset: 0, data }];
  });
  const elsewhere = changed((parts) =>
    parts.map((part) =>
      part.offset === 0x8000
        ? {
            ...part,
            data: writePartitionTable(
              PARTITIONS.map((p) => (p.name === "nvs" ? { ...p, offset: 0x14000 } : p)),
            ),
          }
        : part,
    ),
  );
  // What, the board, the parts, the options, and the failure's code; undefined: it goes well.
  const table: [string, () => Promise<MemoryBoard>, BuildFiles, object, string | undefined, string][] = [
    ["an update of a board with a key", key, sampleBuild({ size: 1000 }), {}, undefined, ""],
    ["an older release", key, older, {}, "downgrade", "has release 0.1.0, and the bundle's is older: 0.0.9"],
    [
      "an older release than in the other slot",
      second,
      sampleBuild({ size: 1000 }),
      {},
      "downgrade",
      "0.2.0-rc.1",
    ],
    ["an older release that is meant", second, older, { downgrade: true }, undefined, ""],
    ["a newer release", key, sampleBuild({ version: "0.10.0", size: 1000 }), {}, undefined, ""],
    ["a part over the key", key, changed((parts) => [...parts, nvs]), {}, "identity-partition", "at 0x9000"],
    ["a merged image over the key", key, merged, {}, "identity-partition", "at 0x0"],
    ["a table with the key's partition elsewhere", key, elsewhere, {}, "identity-partition", "elsewhere"],
    ["a merged image, and no key", fresh, merged, {}, undefined, ""],
    [
      "the words for another board",
      key,
      merged,
      { eraseIdentity: "ERASE 00:00:00:00:00:00" },
      "confirmation",
      "00:00",
    ],
    ["the words for this board", key, merged, { eraseIdentity: `ERASE ${MAC}` }, undefined, ""],
    [
      "another chip than asked for",
      fresh,
      sampleBuild({ size: 1000 }),
      { chip: "esp32" },
      "wrong-chip",
      "not an esp32",
    ],
    [
      "a bundle for another chip",
      fresh,
      sampleBuild({ chip: "esp32s3", size: 1000 }),
      {},
      "wrong-chip",
      "is for esp32s3",
    ],
  ];
  test.each(table)("%s", async (_name, make, build, options, code, said) => {
    const board = await make();
    const before = board.flash.bytes.slice();
    const hadKey = holdsKey(board);
    const hadFrames = holdsFrames(board);
    const { error } = await outcomeOf(flash(board.plug(), await bundleOf(build), options));
    expect(error?.code).toBe(code);
    expect(error?.message ?? "").toContain(said);
    if (code !== undefined) expect(Buffer.from(board.flash.bytes).equals(before)).toBe(true);
    else expect(holdsKey(board)).toBe(hadKey && !("eraseIdentity" in options));
    // A new identity would sign nothing beside the old one's frames.
    expect(holdsFrames(board)).toBe(hadFrames && !(code === undefined && "eraseIdentity" in options));
  });
});

describe("cables and boards that are not good", () => {
  const bad = () => new MemoryBoard({ flash: new FlashChip(4 << 20, [0x21000]) });
  const good = () => new MemoryBoard();
  // What, the board, its cable, the failure's code, and how often the rate was lowered.
  const table: [string, () => MemoryBoard, MemoryWireOptions, string | undefined, number][] = [
    ["a rate that the cable does not carry", good, { mostBaud: 230_400 }, undefined, 115_200],
    ["noise", good, { noise: 60, seed: 3 }, undefined, 0],
    ["a bad sector", bad, {}, "verify-failed", 0],
    [
      "a chip that does not answer",
      good,
      { cutAt: Number.POSITIVE_INFINITY, mostBaud: 9600 },
      "no-loader",
      0,
    ],
  ];
  test.each(table)("%s", async (_name, make, options, code, baud) => {
    const board = make();
    const { error, result } = await outcomeOf(flash(board.plug(options), await smallBundle()));
    expect(error?.code).toBe(code);
    if (baud > 0) expect(result?.baud).toBe(baud);
    expect(boots(board)).toBe(code === undefined);
    if (code !== undefined) expect(error?.hint).not.toBe("");
  });
});

/** That go over the wire both ways; a little more than half of them is the flasher stub. */
async function bytesOfARun(bundle: Bundle): Promise<number> {
  const wire = (await usedBoard()).plug();
  let bytes = 0;
  wire.receive((data) => {
    bytes += data.length;
  });
  const write = (data: Uint8Array) => {
    bytes += data.length;
    return wire.write(data);
  };
  await outcomeOf(flash({ ...wire, write }, bundle, { baud: 115_200 }));
  return bytes - 200; // which the reset at the end says
}

/** esptool-js gives up by the clock, and on a busy machine ten of them at a time wait for each other. */
const patient = (wire: Wire): Wire => ({ ...wire, roundTrip: 1000 });

test("a cable pulled at 50 moments never leaves a board that is said to be fine, and the next try succeeds", async () => {
  const bundle = await smallBundle({ size: 48_000 });
  const random = createRandom32(50);
  const whole = await bytesOfARun(bundle);
  const moments = Array.from({ length: 50 }, () => below(random, whole));
  let broken = 0;
  async function pulled(cutAt: number): Promise<void> {
    const board = await usedBoard();
    const first = await outcomeOf(flash(patient(board.plug({ cutAt })), bundle, { baud: 115_200 }));
    expect({ cutAt, code: first.error?.code }).toEqual({ cutAt, code: "cable-pulled" });
    expect(first.result).toBeUndefined();
    if (!boots(board)) broken++;
    const second = await outcomeOf(flash(patient(board.plug()), bundle, { baud: 115_200 }));
    expect({ cutAt, error: second.error }).toEqual({ cutAt, error: undefined });
    expect(boots(board)).toBe(true);
    expect(holdsKey(board)).toBe(true);
  }
  // Mostly they wait: for the reset, and for the chip to be quiet.
  const work = async () => {
    for (let cutAt = moments.pop(); cutAt !== undefined; cutAt = moments.pop()) await pulled(cutAt);
  };
  await Promise.all(Array.from({ length: 10 }, work));
  expect(broken).toBeGreaterThan(3); // some were pulled in the middle of the firmware
});
