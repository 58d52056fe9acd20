import { openJournal } from "../../agent/journal/journal.js";
import { createMemoryFlash } from "../../node/ports/flash.js";
import { hasher } from "../../node/ports/signer.js";
import { clientTarget, documentsTarget, improvTarget, ordersTarget, settingsTarget } from "./boards.js";
import { enrolmentsTarget } from "./enrolments.js";
import * as files from "./files.js";
import * as frames from "./frames.js";
import { logTarget } from "./logs.js";
import { linesTarget, pageTarget, unheardTarget } from "./renderers.js";
import type { Target } from "./run.js";
import { romTarget, telnetTarget } from "./wires.js";
import { witnessReceiptsTarget } from "./witness-receipts.js";

/** Bytes of a journal's sector, and sectors. */
const SECTOR = 1024;
const SECTORS = 4;

/** A journal with a few frames, of which the first is acknowledged. */
function journalImage(): Uint8Array {
  const bytes = new Uint8Array(SECTORS * SECTOR).fill(0xff);
  const journal = openJournal({
    flash: createMemoryFlash({ size: bytes.length, sectorBytes: SECTOR, bytes }),
    hasher,
    kid: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8),
    frameBytes: 160,
    handler: { sectorFailed() {}, holds: () => 0, delivered() {} },
  });
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

/** Every entry by which something from outside comes in, and all that shows it. */
export function createTargets(): readonly Target[] {
  return [
    frames.frameTarget(),
    frames.verifierTarget(),
    frames.statusTarget(),
    frames.sequenceTarget(),
    frames.consoleTarget(),
    frames.journalTarget(journalImage(), SECTOR),
    settingsTarget(),
    ordersTarget(),
    documentsTarget(),
    improvTarget(),
    clientTarget(),
    files.zipTarget(),
    files.siteTarget(),
    files.registryTarget(),
    enrolmentsTarget(),
    files.listTarget(),
    files.senmlTarget(),
    files.urlTarget(),
    files.receiptTarget(),
    witnessReceiptsTarget(),
    files.discoveryTarget(),
    linesTarget(),
    pageTarget(),
    unheardTarget(),
    telnetTarget(),
    romTarget(),
    logTarget(),
  ];
}
