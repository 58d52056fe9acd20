import { didOfKey } from "../../agent/frame/identity.js";
import { digestOf } from "../../network/bytes.js";
import { writeBody } from "../../network/inventory/body.js";
import type { Log } from "../../network/log/log.js";
import { domainSeparator, NO_CHAIN } from "../../network/statement/domain.js";
import { inventoryDigest, witnessDigest } from "../../network/statement/statements.js";
import { writeEntry } from "../../network/witness/entries.js";
import type { FrameReceipt } from "../../network/witness/frame-receipt.js";
import { leafOf } from "../../network/witness/make-inventory.js";
import { hasher } from "../../node/ports/signer.js";
import { createStatementSigner } from "../../node/ports/statement-keys.js";
import { makeFrame, reading, TEST_HEADER, TEST_NETWORK, testKid, testSigner } from "./frames.js";

/** Of the witness, known to everybody. */
const signer = createStatementSigner(new Uint8Array(32).fill(2));

/**
 * Has a witness say, in `log`, that it has one frame; returns how the receipt of that frame is made,
 * with the log's checkpoint as it is then. `logKey`: the log's public key.
 */
export function logOneFrame(log: Log, logKey: Uint8Array): () => FrameReceipt {
  const domain = domainSeparator(NO_CHAIN);
  const named = { network: TEST_NETWORK, name: log.key.name, logKey };
  const first = writeEntry({
    kind: "witness",
    ...named,
    signature: signer.sign(witnessDigest(domain, named)),
  });
  const frame = makeFrame([reading()]);
  const { boot, sequence } = TEST_HEADER;
  const { hash } = leafOf({ boot, sequence, bytes: frame }, testKid, hasher);
  const body = writeBody({ root: hash, frames: 1, from: 0, until: 3600 });
  const said = { network: TEST_NETWORK, epoch: 0, body: digestOf(body, hasher) };
  const signature = signer.sign(inventoryDigest(domain, said));
  log.append([first, writeEntry({ kind: "inventory", epoch: 0, body, signature })]);
  return () => ({
    type: "fieldmark frame receipt 1",
    network: TEST_NETWORK,
    device: didOfKey(testSigner.publicKey),
    witness: didOfKey(signer.publicKey),
    frame,
    domain: NO_CHAIN,
    inventory: { epoch: 0, body, signature, path: [] },
    log: {
      size: 2,
      index: 1,
      proof: log.inclusion(1, 2),
      first,
      firstProof: log.inclusion(0, 2),
      checkpoint: new TextDecoder().decode(log.checkpoint),
    },
  });
}
