import { unhex } from "../../agent/cose/kid.js";
import type { Position } from "../../agent/frame/chain.js";
import { didOfKey } from "../../agent/frame/identity.js";
import { InputError } from "../../agent/input-error.js";
import type { Hasher } from "../../agent/ports/signer.js";
import { rootOf, type Step, type Subtree } from "../inventory/tree.js";
import type { Log } from "../log/log.js";
import { readText } from "../log/text.js";
import type { Inventories } from "../ports/inventories.js";
import type { WitnessStore } from "../ports/witness-store.js";
import type { StatementDomain } from "../statement/domain.js";
import { readEntry } from "./entries.js";
import type { FrameReceipt } from "./frame-receipt.js";
import type { InventoryIndex } from "./inventory-index.js";
import { leafOf } from "./make-inventory.js";

export interface ReceiptMaker {
  readonly network: string;
  readonly store: Pick<WitnessStore, "frame">;
  readonly inventories: Inventories;
  readonly log: Pick<Log, "entry" | "inclusion" | "size" | "checkpoint">;
  /** Of that log. */
  readonly index: InventoryIndex;
  readonly hasher: Hasher;
  readonly domain: StatementDomain;
  /** Of the witness, compressed. */
  readonly publicKey: Uint8Array;
  /** did:key of a kid in hex. */
  readonly did: (kid: string) => string | undefined;
}

/**
 * Makes the receipt of a frame, by the first inventory that has it. Throws InputError where there is
 * no such frame, or no inventory with it yet.
 */
export function makeReceipt(maker: ReceiptMaker, kid: string, position: Position): FrameReceipt {
  const { network, store, log, domain, publicKey } = maker;
  const name = `${kid} ${position.boot}:${position.sequence}`;
  const frame = store.frame(kid, position);
  const device = maker.did(kid);
  if (frame === undefined || device === undefined) throw new InputError(`this witness has no frame ${name}`);
  const indexes = frame.time === null ? [] : maker.index.covering(log, frame.time);
  for (const index of indexes) {
    const entry = readEntry(log.entry(index));
    if (entry?.kind !== "inventory") continue;
    const path = pathIn(maker, entry.epoch, kid, position);
    if (path === undefined) continue;
    const { epoch, body, signature } = entry;
    const { size } = log;
    return {
      type: "fieldmark frame receipt 1",
      network,
      device,
      witness: didOfKey(publicKey),
      frame: frame.bytes,
      domain,
      inventory: { epoch, body, signature, path },
      log: {
        size,
        index,
        proof: log.inclusion(index, size),
        first: log.entry(0),
        firstProof: log.inclusion(0, size),
        checkpoint: readText(log.checkpoint) as string,
      },
    };
  }
  throw new InputError(
    `no inventory has frame ${name} yet: one is signed shortly after the epoch of its date has closed`,
  );
}

/** Undefined where the inventory does not have the frame. */
function pathIn(maker: ReceiptMaker, epoch: number, name: string, position: Position): Step[] | undefined {
  const { inventories, hasher, store } = maker;
  const kid = unhex(name);
  const device = inventories.device(epoch, kid);
  const { boot, sequence } = position;
  const isIn = device?.stretches.some(
    ([of, first, count]) => of === boot && sequence >= first && sequence < first + count,
  );
  if (device === undefined || isIn !== true) return undefined;
  const target = leafOf({ ...position, bytes: new Uint8Array(0) }, kid, hasher).key;
  const leaves: Subtree[] = [];
  for (const [of, first, count] of device.stretches)
    for (let at = first; at < first + count; at++) {
      const frame = store.frame(name, { boot: of, sequence: at });
      // Swept: what is left of the device cannot be proved any more.
      if (frame === undefined) return undefined;
      leaves.push(leafOf(frame, kid, hasher));
    }
  const path: Step[] = [];
  rootOf(leaves, hasher, target, path);
  rootOf(subtrees(inventories, epoch), hasher, target, path);
  return path;
}

function* subtrees(inventories: Inventories, epoch: number): Generator<Subtree> {
  for (const { kid, root } of inventories.devices(epoch)) yield { key: kid, hash: root };
}
