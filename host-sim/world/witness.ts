import { unhex } from "../../agent/cose/kid.js";
import type { Position } from "../../agent/frame/chain.js";
import type { Frame } from "../../agent/frame/parse.js";
import { receiptTopic } from "../../agent/frame/topic.js";
import type { Signer } from "../../agent/ports/signer.js";
import { HeldFrames } from "../../network/witness/held-frames.js";
import { writeWitnessReceipt } from "../../network/witness/receipt.js";
import { NETWORK } from "./agent-under-test.js";
import type { Scheduler } from "./time.js";

/** Milliseconds from one round of receipts to the next: one message for many frames. */
const ROUND = 10_000;

/** What makes a verifier a witness: it tells devices, signed, which of their frames it holds. It lives as long as the verifier does. */
export class VirtualWitness {
  readonly #held: HeldFrames;
  readonly #signer: Signer;
  readonly #scheduler: Scheduler;
  readonly #publish: (topic: string, receipt: Uint8Array) => void;
  #isOver = false;

  /** `publish`: to all brokers that it is connected to. */
  constructor(signer: Signer, scheduler: Scheduler, publish: (topic: string, receipt: Uint8Array) => void) {
    this.#held = new HeldFrames(signer);
    this.#signer = signer;
    this.#scheduler = scheduler;
    this.#publish = publish;
    this.#next();
  }

  /** `isNew`: not read from the disk at a start. */
  kept(frame: Frame, isNew: boolean): void {
    this.#held.add(frame, isNew);
  }

  repeated(device: string, position: Position): void {
    this.#held.again(device, position);
  }

  stop(): void {
    this.#isOver = true;
  }

  #next(): void {
    this.#scheduler.after(ROUND, () => {
      if (this.#isOver) return;
      for (const { device, from, to } of this.#held.due()) {
        const receipt = writeWitnessReceipt({ device: unhex(device), from, to }, NETWORK, this.#signer);
        this.#publish(receiptTopic(NETWORK, device), receipt);
      }
      this.#next();
    });
  }
}
