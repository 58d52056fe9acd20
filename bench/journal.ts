import { openJournal } from "../agent/journal/journal.js";
import { NorChip } from "../host-sim/virtual-board/flash/nor.js";
import { hasher } from "../node/ports/signer.js";
import type { Figure, Section } from "./harness.js";

const SECTORS = 16;
const SECTOR_BYTES = 4096;
const FRAME_BYTES = 160;
const ROUNDS = 1000;
/** Frames on their way before the oldest of them is acknowledged. */
const WINDOW = 16;
const GOAL = 1.2;
/** Bytes that ESP-IDF's NVS programs for a byte of such blobs, as docs/journal.md has it. */
const NVS = 1.65;

/** What the journal costs the flash: counts, on the emulated chip. */
export function journalSection(): Section {
  return { name: "journal", run: async () => [...[4, 16, 32].map(programmed), levelled()] };
}

interface Wrote {
  readonly chip: NorChip;
  readonly frames: number;
}

function write(programBytes: number): Wrote {
  const chip = new NorChip({ size: SECTORS * SECTOR_BYTES, sectorBytes: SECTOR_BYTES, programBytes });
  const journal = openJournal({
    flash: chip.powerOn(),
    hasher,
    kid: new Uint8Array(8),
    frameBytes: 512,
    handler: { sectorFailed() {}, holds: () => 0, delivered() {} },
  });
  journal.begin();
  const frame = new Uint8Array(FRAME_BYTES);
  const digest = new Uint8Array(32);
  let frames = 0;
  while ((chip.erasesOf[0] as number) < ROUNDS) {
    new DataView(frame.buffer).setUint32(0, frames);
    hasher.sha256(frame, digest, 0);
    journal.append({ boot: 1, sequence: frames++ }, frame, digest);
    if (journal.pending === WINDOW) journal.acknowledge(journal.first);
  }
  return { chip, frames };
}

function programmed(programBytes: number): Figure {
  const { chip, frames } = write(programBytes);
  const value = chip.counts.bytesProgrammed / (frames * FRAME_BYTES);
  return {
    name: `bytes programmed for a byte of ${FRAME_BYTES}-byte frames, acknowledged, pieces of ${programBytes} bytes`,
    value,
    unit: "bytes",
    reference: { name: "NVS, about", value: NVS, unit: "bytes" },
    ratio: value / NVS,
    goal: { text: `at most ${GOAL}`, met: value <= GOAL },
  };
}

function levelled(): Figure {
  const { erasesOf } = write(4).chip;
  const value = Math.max(...erasesOf) - Math.min(...erasesOf);
  return {
    name: `erases of the sector with most, less those of the one with fewest, after ${ROUNDS} rounds`,
    value,
    unit: "",
    goal: { text: "at most 1", met: value <= 1 },
  };
}
