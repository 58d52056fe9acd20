import { hex } from "../../agent/cose/kid.js";
import { comparePositions, type Position } from "../../agent/frame/chain.js";
import { PREV_BYTES } from "../../agent/frame/layout.js";
import type { Frame } from "../../agent/frame/parse.js";
import type { Hasher } from "../../agent/ports/signer.js";
import type { WitnessReceipt } from "../../agent/receipt/witness-receipt.js";
import { digestOf } from "../bytes.js";

/** Stretches of one device that are remembered, at most. */
const MAX_STRETCHES = 64;

/** Frames of which each names the one before it, so that none between them is missing. */
interface Stretch {
  from: Position;
  to: Position;
  /** `prev` of the first, and what `prev` is of the one behind the last: in hex. */
  head: string;
  tail: string;
  /** A receipt is due: something of it came since the last one. */
  isDue: boolean;
}

/**
 * Which frames a witness holds without a gap, by device, and what it has to tell the devices. Only frames that are authentic and durable
 * may be given to it. Of more stretches than are remembered the oldest is forgotten: its frames get a receipt when they come again.
 */
export class HeldFrames {
  readonly #hasher: Hasher;
  readonly #devices = new Map<string, Stretch[]>();

  constructor(hasher: Hasher) {
    this.#hasher = hasher;
  }

  /** The witness holds this frame, which may have come before. `isDue`: the device is to be told. */
  add({ bytes, kid, boot, sequence, prev }: Frame, isDue = true): void {
    const device = hex(kid);
    const position = { boot, sequence };
    const stretches = this.#devices.get(device) ?? [];
    this.#devices.set(device, stretches);
    if (this.again(device, position, isDue)) return;
    const head = hex(prev);
    const tail = hex(digestOf(bytes, this.#hasher).subarray(0, PREV_BYTES));
    let before = stretches.find((one) => one.tail === head && comparePositions(one.to, position) < 0);
    if (before === undefined) {
      before = { from: position, to: position, head, tail, isDue };
      stretches.push(before);
    }
    before.to = position;
    before.tail = tail;
    before.isDue ||= isDue;
    const after = stretches.find((one) => one.head === tail && comparePositions(position, one.from) < 0);
    if (after !== undefined) {
      before.to = after.to;
      before.tail = after.tail;
      before.isDue ||= after.isDue;
      stretches.splice(stretches.indexOf(after), 1);
    }
    if (stretches.length > MAX_STRETCHES) stretches.shift();
  }

  /** A frame came once more, so that its device may have missed its receipt. Whether the frame is held, as far as is remembered. */
  again(device: string, position: Position, isDue = true): boolean {
    const found = this.#devices
      .get(device)
      ?.find(({ from, to }) => comparePositions(from, position) <= 0 && comparePositions(position, to) <= 0);
    if (found !== undefined) found.isDue ||= isDue;
    return found !== undefined;
  }

  /** What is to be told: of each device one stretch, of which something came since it was told last. */
  *due(): Generator<Omit<WitnessReceipt, "device"> & { readonly device: string }> {
    for (const [device, stretches] of this.#devices) {
      const found = stretches.find(({ isDue }) => isDue);
      if (found === undefined) continue;
      found.isDue = false;
      yield { device, from: found.from, to: found.to };
    }
  }
}
