import type { SignatureChecker } from "../../agent/ports/signer.js";
import type { Judgement } from "./judgement.js";
import type { Registry } from "./registry.js";
import { type FrameStore, openFrameStore, type Recovery } from "./store.js";
import type { Subscribe, Subscriber } from "./subscriber.js";
import { Witness } from "./witness.js";

/** Milliseconds that a frame may wait for what belongs before it. */
const PATIENCE = 30_000;
/** Milliseconds from one look after the waiting frames and the file to the next. */
const HOUSEKEEPING = 1000;

export interface VerifierInit {
  readonly registry: Registry;
  readonly signatures: SignatureChecker;
  /** Each subscribes to one broker. */
  readonly sources: readonly Subscribe[];
  /** Authentic frames are appended to this file (`.cborseq`); what is in it is taken as seen. */
  readonly out?: string | undefined;
  /** Not called for frames that were in the file already, but for those that still wait for what belongs before them. */
  readonly judged: (judgement: Judgement) => void;
  readonly state: (broker: string, state: "subscribed" | "lost", reason: string) => void;
  /** The verifier cannot go on, for instance because the disk is full. Told once. */
  readonly failed: (error: Error) => void;
}

export interface Verifier {
  /** What the file held. */
  readonly recovery: Recovery;
  /** Frames that wait for what belongs before them. */
  readonly waiting: number;
  /** Brokers that deliver now. */
  readonly subscribed: number;
  /**
   * Judges what waits as it is, then closes, within seconds, whatever brokers do. `forget`: they keep nothing for this
   * verifier any more. Where the file cannot be written `failed` is told before this resolves.
   */
  close(forget: boolean): Promise<void>;
}

/** Subscribes to all brokers, judges every frame once, keeps the authentic ones. */
export function createVerifier(init: VerifierInit): Verifier {
  const { registry, signatures, sources, out } = init;
  let hasFailed = false;
  const failed = (error: Error) => {
    if (hasFailed) return;
    hasFailed = true;
    init.failed(error);
  };
  let store: FrameStore | undefined;
  let recovering = true;
  const witness = new Witness({
    registry,
    signatures,
    now: Date.now,
    uptime: () => performance.now(),
    keep: (bytes) => store?.append(bytes),
    judged: (judgement) => {
      if (!recovering) init.judged(judgement);
    },
  });
  let recovery: Recovery = { frames: 0, torn: 0 };
  if (out !== undefined) ({ store, recovery } = openFrameStore(out, (frame) => witness.receive(frame)));
  recovering = false;

  const subscribers: Subscriber[] = sources.map((subscribe) =>
    subscribe({ frame: (bytes) => witness.receive(bytes), state: init.state, failed }),
  );
  function attempt(work: () => void): void {
    try {
      work();
    } catch (error) {
      failed(error as Error);
    }
  }
  const housekeeping = setInterval(() => {
    attempt(() => {
      witness.giveUp(PATIENCE);
      store?.sync();
    });
  }, HOUSEKEEPING);

  return {
    recovery,
    get waiting() {
      return witness.waiting;
    },
    get subscribed() {
      return subscribers.filter(({ subscribed }) => subscribed).length;
    },
    async close(forget) {
      clearInterval(housekeeping);
      await Promise.allSettled(subscribers.map((subscriber) => subscriber.close(forget)));
      attempt(() => witness.giveUp(0));
      attempt(() => store?.close());
    },
  };
}
