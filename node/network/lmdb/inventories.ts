import type { Database } from "lmdb";
import { KID_BYTES } from "../../../agent/frame/layout.js";
import type { DeviceInventory, Inventories } from "../../../network/ports/inventories.js";
import { readCount, writeCount } from "./keys.js";
import type { Writer } from "./writer.js";

const ROOT = 32;
const STRETCH = 24;
/** Entries that are put or removed before others have their turn. */
const PIECE = 10_000;

/**
 * Epoch (8 bytes) and kid -> root (32 bytes), then boot, first and count of each stretch in 8 bytes
 * each. Epoch alone -> nothing: it is whole.
 */
export class InventoryTable implements Inventories {
  readonly db: Database<Buffer, Buffer>;
  readonly #writer: Writer;

  constructor(db: Database<Buffer, Buffer>, writer: Writer) {
    this.db = db;
    this.#writer = writer;
  }

  async write(epoch: number, devices: Iterable<DeviceInventory>): Promise<void> {
    await this.#remove(epoch, epoch + 1);
    let piece: DeviceInventory[] = [];
    const write = async () => {
      const devices = piece;
      piece = [];
      await this.#writer.commit(devices.length, () => {
        for (const { kid, ...inventory } of devices)
          this.db.put(keyOf(epoch, kid), writeInventory(inventory));
      });
    };
    for (const device of devices) if (piece.push(device) === PIECE) await write();
    await write();
    await this.#writer.commit(1, () => this.db.put(keyOf(epoch), Buffer.alloc(0)));
  }

  *devices(epoch: number): Generator<Omit<DeviceInventory, "stretches">> {
    if (this.db.get(keyOf(epoch)) === undefined) return;
    for (const { key, value } of this.db.getRange({ start: keyOf(epoch), end: keyOf(epoch + 1) }))
      if (key.length > KID_BYTES) yield { kid: key.subarray(KID_BYTES), root: value.subarray(0, ROOT) };
  }

  device(epoch: number, kid: Uint8Array): DeviceInventory | undefined {
    const value = this.db.get(keyOf(epoch, kid));
    if (value === undefined) return undefined;
    const stretches: [number, number, number][] = [];
    for (let at = ROOT; at < value.length; at += STRETCH)
      stretches.push([readCount(value, at), readCount(value, at + 8), readCount(value, at + 16)]);
    return { kid, root: value.subarray(0, ROOT), stretches };
  }

  removeBefore(epoch: number): Promise<void> {
    return this.#remove(0, epoch);
  }

  async #remove(from: number, until: number): Promise<void> {
    for (;;) {
      const range = { start: keyOf(from), end: keyOf(until), limit: PIECE };
      const keys = [...this.db.getKeys(range)].map((key) => Buffer.from(key));
      if (keys.length === 0) return;
      await this.#writer.commit(keys.length, () => {
        for (const key of keys) this.db.remove(key);
      });
    }
  }
}

function writeInventory({ root, stretches }: Omit<DeviceInventory, "kid">): Buffer {
  const value = Buffer.alloc(ROOT + STRETCH * stretches.length);
  value.set(root);
  for (const [at, counts] of stretches.entries())
    for (const [part, count] of counts.entries()) writeCount(value, count, ROOT + STRETCH * at + 8 * part);
  return value;
}

function keyOf(epoch: number, kid: Uint8Array = new Uint8Array(0)): Buffer {
  const key = Buffer.alloc(8 + kid.length);
  writeCount(key, epoch, 0);
  key.set(kid, 8);
  return key;
}
