import { join } from "node:path";
import { hex } from "../../../agent/cose/kid.js";
import { didOfKey } from "../../../agent/frame/identity.js";
import { parseFrame } from "../../../agent/frame/parse.js";
import type { Signer } from "../../../agent/ports/signer.js";
import { createLog } from "../../../network/log/log.js";
import type { GuardState } from "../../../network/ports/guard.js";
import { domainSeparator, NO_CHAIN, type StatementDomain } from "../../../network/statement/domain.js";
import { witnessDigest } from "../../../network/statement/statements.js";
import { writeEntry } from "../../../network/witness/entries.js";
import { Epochs } from "../../../network/witness/epochs.js";
import type { FrameReceipt } from "../../../network/witness/frame-receipt.js";
import { InventoryIndex } from "../../../network/witness/inventory-index.js";
import { makeReceipt } from "../../../network/witness/make-receipt.js";
import { LmdbStore } from "../../../node/network/lmdb/store.js";
import { noteChecker } from "../../../node/ports/note-keys.js";
import { createSigner, hasher } from "../../../node/ports/signer.js";
import { createStatementSigner } from "../../../node/ports/statement-keys.js";
import { temporaryFolder } from "../../support/cli.js";
import { makeFrame, reading, TEST_HEADER } from "../../support/frames.js";
import { memoryLogFiles, noteKey } from "../../support/logs.js";
import { VIRTUAL_EPOCH, VirtualClock } from "../../support/virtual-clock.js";

const HOUR = 3600;
/** Epochs that are signed: the one of the frames, and the next, whose window has them, too. */
const SIGNED = 2;

export interface WitnessOptions {
  readonly network?: string;
  readonly domain?: StatementDomain;
  /** Its private key is 32 bytes of it. */
  readonly key?: number;
  readonly name?: string;
  readonly devices?: number;
  readonly frames?: number;
}

/** A witness in this process that has signed the inventories of its frames. */
export interface TestWitness {
  readonly signers: readonly Signer[];
  receipt(device: number, sequence: number): FrameReceipt;
  close(): Promise<void>;
}

export async function testWitness(options: WitnessOptions = {}): Promise<TestWitness> {
  const { network = "demo", domain = NO_CHAIN, key = 7, name = "witness.example/demo" } = options;
  const { devices = 3, frames = 5 } = options;
  const store = new LmdbStore(join(temporaryFolder(), "frames.mdb"), network);
  const signers = Array.from({ length: devices }, (_, n) => createSigner(new Uint8Array(32).fill(n + 1)));
  const kids = new Map<string, Signer>();
  for (const signer of signers)
    for (let sequence = 0; sequence < frames; sequence++)
      kids.set(keep(store, signer, network, sequence), signer);
  await store.durable();

  const signer = createStatementSigner(new Uint8Array(32).fill(key));
  const logKey = noteKey(name);
  const log = createLog({ files: memoryLogFiles(), checker: noteChecker, origin: name, key: logKey });
  const separator = domainSeparator(domain);
  const said = { network, name, logKey: logKey.publicKey };
  const signature = signer.sign(witnessDigest(separator, said));
  log.append([writeEntry({ kind: "witness", ...said, signature })]);
  log.append([writeEntry({ kind: "enrolment", statement: Uint8Array.of(1, 2, 3) })]);

  const clock = new VirtualClock();
  let guarded: GuardState = { inventory: Math.floor(VIRTUAL_EPOCH / 1000 / HOUR) - 1 };
  let told = () => {};
  const { inventories } = store;
  const epochs = new Epochs({
    ...{ network, clock, seconds: HOUR, window: SIGNED, store, inventories, hasher, signer, log },
    domain: separator,
    guard: {
      read: () => guarded,
      write(state) {
        guarded = state;
      },
    },
    signed: () => told(),
    failed(error) {
      throw error;
    },
  });
  for (let n = 0; n < SIGNED; n++) {
    const signed = new Promise<void>((resolve) => {
      told = resolve;
    });
    clock.advance(n === 0 ? untilClosed() : HOUR * 1000);
    await signed;
    await new Promise(setImmediate); // it is ready for the next one
  }
  epochs.close();

  const did = (kid: string) => didOfKey((kids.get(kid) as Signer).publicKey);
  const index = new InventoryIndex();
  const maker = { network, store, inventories, log, index, hasher, domain, publicKey: signer.publicKey, did };
  const kidsInOrder = [...kids.keys()];
  return {
    signers,
    receipt: (device, sequence) => makeReceipt(maker, kidsInOrder[device] as string, { boot: 1, sequence }),
    close: () => store.close(),
  };
}

/** Milliseconds from the virtual clock's start until the inventory of its epoch is due. */
function untilClosed(): number {
  const into = VIRTUAL_EPOCH % (HOUR * 1000);
  return HOUR * 1000 - into + 31_000;
}

function keep(store: LmdbStore, signer: Signer, network: string, sequence: number): string {
  const time = TEST_HEADER.time as number;
  const header = { boot: 1, sequence, time: time + sequence };
  const bytes = makeFrame([reading("temperature", "Cel", 2000 + sequence)], header, { signer, network });
  const parsed = parseFrame(bytes);
  if ("failure" in parsed) throw new Error(parsed.failure.detail);
  const kid = hex(parsed.frame.kid);
  store.append(bytes, parsed.frame, { broker: "mqtt://a", topic: "t", received: time });
  const device = didOfKey(signer.publicKey);
  const { length } = bytes;
  store.judged({ ok: true, verdict: "ok", device, kid, boot: 1, sequence, time: header.time, bytes: length });
  return kid;
}
