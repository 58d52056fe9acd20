import { join } from "node:path";
import { frameTopic } from "../agent/frame/topic.js";
import type { Subscribe, SubscriberHandler } from "../network/ports/subscription.js";
import type { Registry } from "../network/verify/registry.js";
import { createVerifier } from "../network/verify/verifier.js";
import { LmdbStore } from "../node/network/lmdb/store.js";
import { createSystemClock } from "../node/ports/clock.js";
import { signatureChecker as signatures } from "../node/ports/signer.js";

/** Messages that a broker hands over in one turn, and those that may wait to be durable, as in node/network/subscriber.ts. */
const TURN = 64;
const MOST_OWED = 4096;

/** A witness's store with its verifier, as `fieldmark witness` puts them together, and a broker in this process. */
export class BenchWitness {
  readonly store: LmdbStore;
  readonly #verifier;
  #handler!: SubscriberHandler;
  #subscribed = () => {};
  /** Resolves when the broker delivers. */
  readonly subscribed = new Promise<void>((resolve) => {
    this.#subscribed = resolve;
  });
  /** Frames that were judged `ok`. */
  judged = 0;

  /** `source`: a real broker, in place of the one in this process. `told`: of each frame that was judged. */
  constructor(
    folder: string,
    registry: Registry,
    source?: Subscribe,
    told: (kid: string) => void = () => {},
  ) {
    const store = new LmdbStore(join(folder, "frames.mdb"), registry.network);
    this.store = store;
    this.#verifier = createVerifier({
      registry,
      signatures,
      clock: createSystemClock(),
      sources: [
        source ??
          ((handler) => {
            this.#handler = handler;
            return { broker: "mqtt://bench", subscribed: true, async close() {} };
          }),
      ],
      openStore: () => ({ store, recovery: { frames: store.size, torn: 0 } }),
      evidence: store.contradictions,
      judged: ({ ok, verdict, kid = "" }) => {
        if (!ok) throw new Error(`a frame of our own is ${verdict}: the figures would mean nothing`);
        this.judged++;
        told(kid);
      },
      state: () => this.#subscribed(),
      failed(error) {
        throw error;
      },
    });
  }

  /** Takes in messages as a broker brings them. Resolves when all of them are judged and durable. */
  async takeIn(frames: AsyncIterable<Message> | Iterable<Message>): Promise<void> {
    let owed = 0;
    let turn = 0;
    let last: Promise<void> | undefined;
    const paid = () => {
      owed--;
    };
    for await (const { bytes, topic } of frames) {
      last = this.#handler.frame(bytes, topic);
      owed++;
      if (last === undefined) paid();
      else void last.then(paid);
      if (owed === MOST_OWED) await last;
      if (++turn % TURN === 0) await new Promise(setImmediate);
    }
    await last;
  }

  /** Closes the store, too. */
  close = () => this.#verifier.close(false);
}

export interface Message {
  readonly bytes: Uint8Array;
  readonly topic: string;
}

/** Of a device's frame. `device`: its kid in hex. */
export const messageOf = (network: string, device: string, bytes: Uint8Array): Message => ({
  bytes,
  topic: frameTopic(network, device),
});
