import { isSignedBy } from "../agent/cose/sign1.js";
import { FrameWriter } from "../agent/frame/write.js";
import { type Journal, openJournal } from "../agent/journal/journal.js";
import { parseWitnessReceipt, RECEIPT_TYPE } from "../agent/receipt/witness-receipt.js";
import { HostFlash } from "../host-sim/engines/xs/board/flash.js";
import { host } from "../host-sim/engines/xs/board/host.js";
import { writeWitnessReceipt } from "../network/witness/receipt.js";
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
/** The board's own key is the witness's here. */
let publicKey: Uint8Array;
let receipt: Uint8Array;

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

function check(): void {
  const { document } = parseWitnessReceipt(receipt, "demo");
  if (!isSignedBy(RECEIPT_TYPE, document, publicKey, host)) throw new Error("the receipt is not signed");
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
    publicKey = new Uint8Array(33);
    host.publicKey(publicKey);
    const { sign, sha256 } = host;
    const range = { device: kid, from: { boot: 1, sequence: 0 }, to: { boot: 3, sequence: 1000 } };
    receipt = writeWitnessReceipt(range, "demo", { publicKey, sign, sha256 });
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
      case PartKind.receipt:
        check();
        break;
      case PartKind.verify:
        if (!host.verify(signature, digest, publicKey)) throw new Error("the digest is not signed");
        break;
    }
  },
});
