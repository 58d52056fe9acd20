import { unhex } from "../../agent/cose/kid.js";
import type { Position } from "../../agent/frame/chain.js";
import type { Frame } from "../../agent/frame/parse.js";
import { receiptTopic } from "../../agent/frame/topic.js";
import type { Clock, Timer } from "../../agent/ports/clock.js";
import type { Signer } from "../../agent/ports/signer.js";
import type { WitnessReceipt } from "../../agent/receipt/witness-receipt.js";
import { HeldFrames } from "./held-frames.js";
import { writeWitnessReceipt } from "./receipt.js";

/** Receipts that are signed before others have their turn. */
const PIECE = 50;

export interface BoardReceiptsParts {
  readonly network: string;
  readonly signer: Signer;
  readonly clock: Clock;
  /** Milliseconds from one round to the next: one message for many frames. */
  readonly every: number;
  /** To all brokers that are connected. */
  readonly publish: (topic: string, receipt: Uint8Array) => void;
  /** As a frame store has it. Left out: what is held is durable. */
  readonly durable?: (() => Promise<void> | undefined) | undefined;
}

type Due = Omit<WitnessReceipt, "device"> & { readonly device: string };

/** Tells devices, signed, which of their frames a witness holds. */
export class BoardReceipts {
  readonly #parts: BoardReceiptsParts;
  readonly #held: HeldFrames;
  #timer: Timer | undefined;
  #isOver = false;

  constructor(parts: BoardReceiptsParts) {
    this.#parts = parts;
    this.#held = new HeldFrames(parts.signer);
    this.#wait(parts.every, () => this.#round());
  }

  /** `isDue`: its device is to be told. */
  kept(frame: Frame, isDue = true): void {
    this.#held.add(frame, isDue);
  }

  /** A frame came once more. Whether it is known to be held. */
  repeated(device: string, position: Position): boolean {
    return this.#held.again(device, position);
  }

  close(): void {
    this.#isOver = true;
    if (this.#timer !== undefined) this.#parts.clock.clearTimer(this.#timer);
  }

  #wait(delay: number, work: () => void): void {
    if (!this.#isOver) this.#timer = this.#parts.clock.setTimer(work, delay);
  }

  #round(): void {
    const due = [...this.#held.due()];
    const durable = due.length === 0 ? undefined : this.#parts.durable?.();
    if (durable === undefined) this.#tell(due);
    // Where it fails nothing may be said: the devices send again.
    else
      durable.then(
        () => this.#tell(due),
        () => this.#tell([]),
      );
  }

  #tell(due: Due[]): void {
    if (this.#isOver) return;
    const { network, signer, publish, every } = this.#parts;
    for (const { device, from, to } of due.splice(0, PIECE))
      publish(
        receiptTopic(network, device),
        writeWitnessReceipt({ device: unhex(device), from, to }, network, signer),
      );
    if (due.length > 0) this.#wait(0, () => this.#tell(due));
    else this.#wait(every, () => this.#round());
  }
}
