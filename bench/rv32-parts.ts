import { FrameWriter } from "../agent/frame/write.js";
import { type Journal, openJournal } from "../agent/journal/journal.js";
import { HostFlash } from "../host-sim/engines/xs/board/flash.js";
import { host } from "../host-sim/engines/xs/board/host.js";
import { FRAME_BYTES, PartKind, SHAPE } from "./rv32-kinds.js";

/** A script for an emulated board: one part of the agent's work a message, so that it can be counted by itself. */
const kid = new Uint8Array(8);
let flash: HostFlash;
let writer: FrameWriter;
let journal: Journal;
let frame: Uint8Array;
let digest: Uint8Array;
let signature: Uint8Array;
let sequence = 0;

function open(): void {
  journal = openJournal({
    flash,
    hasher: { sha256: host.sha256 },
    kid,
    frameBytes: 512,
    handler: { sectorFailed() {}, holds: () => 0, delivered() {} },
  });
  journal.begin();
}

function encode(): void {
  const header = {
    boot: 1,
    sequence: sequence++,
    prev: digest.subarray(0, 16),
    uptime: 60,
    clock: 2,
    time: 1_795_000_000,
    configuration: "c0f1c0f1c0f1c0f1",
    dropped: [],
  } as const;
  writer.begin(header, 4);
  writer.reading("temperature", "Cel", 2150, -2, 30);
  writer.reading("humidity", "%RH", 455, -1, 20);
  writer.reading("pressure", "Pa", 101_325, 0, 10);
  writer.reading("illuminance", "lx", 320, 0, 0);
}

Object.assign(globalThis, {
  boot(): void {
    flash = new HostFlash(SHAPE);
    writer = new FrameWriter("demo", kid, 512, 128);
    frame = new Uint8Array(FRAME_BYTES);
    digest = new Uint8Array(32);
    signature = new Uint8Array(64);
  },
  receive(kind: number, times: number): void {
    switch (kind) {
      case PartKind.open:
        open();
        break;
      case PartKind.append:
        for (let i = 0; i < times; i++) journal.append({ boot: 1, sequence: sequence++ }, frame);
        break;
      case PartKind.encode:
        encode();
        break;
      case PartKind.hash:
        host.sha256(frame, digest, 0);
        break;
      case PartKind.sign:
        host.sign(digest, signature, 0);
        break;
    }
  },
});
