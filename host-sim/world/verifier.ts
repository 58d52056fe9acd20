import { CLOCK_SET } from "../../agent/frame/chain.js";
import { type Frame, parseFrame } from "../../agent/frame/parse.js";
import type { Verdict } from "../../agent/frame/verdict.js";
import type { SignatureChecker, Signer } from "../../agent/ports/signer.js";
import type { OpenFrameStore } from "../../network/ports/frame-store.js";
import type { SubscriberHandler } from "../../network/ports/subscription.js";
import type { Judgement } from "../../network/verify/judgement.js";
import type { Registry } from "../../network/verify/registry.js";
import { createVerifier, type Verifier } from "../../network/verify/verifier.js";
import { BoardReceipts } from "../../network/witness/board-receipts.js";
import { NETWORK } from "./agent-under-test.js";
import type { Broker } from "./broker.js";
import type { Dice } from "./dice.js";
import { Disk } from "./disk.js";
import { LifeClock } from "./life-clock.js";
import type { Observer } from "./observer.js";
import { EPOCH } from "./ports.js";
import type { Route } from "./route.js";
import { Subscription } from "./subscription.js";
import type { Scheduler } from "./time.js";

/** Milliseconds that a frame may wait for what belongs before it: more than any fault lasts. */
export const PATIENCE = 12 * 3_600_000;
/** Bytes of one device's frames that may wait so. */
const WAITING_BYTES = 8 << 20;
const NOTHING = new Uint8Array(0);
/** Milliseconds from one round of receipts to the next. */
const ROUND = 10_000;

export interface VerifierInit {
  readonly scheduler: Scheduler;
  readonly dice: Dice;
  readonly brokers: readonly Broker[];
  readonly routes: readonly Route[];
  readonly registry: Registry;
  readonly signatures: SignatureChecker;
  readonly observer: Observer;
  /** Key of the witness that it is; left out, it is none. */
  readonly witness?: Signer | undefined;
}

/**
 * The verifier's process, over all its lives, and the machine that it runs on: the verifier that
 * ships, with ports in virtual time. It has more patience than `fieldmark verify`, so that whatever
 * the faults do, no honest frame may be called astray.
 */
export class VirtualVerifier {
  readonly disk = new Disk();
  /** Milliseconds by which its clock is wrong. */
  clockOffset = 0;
  /** Times that it was started. */
  starts = 0;
  readonly #init: VerifierInit;
  readonly #signatures: SignatureChecker;
  #verifier: Verifier | undefined;
  #receipts: BoardReceipts | undefined;
  /** What it was given last. */
  #given: Uint8Array = NOTHING;
  #clock: LifeClock | undefined;
  #subscriptions: Subscription[] = [];
  /** Whether it reads its disk after a start. */
  #isReading = false;

  constructor(init: VerifierInit) {
    this.#init = init;
    this.#signatures = remembering(init.signatures);
  }

  get isOn(): boolean {
    return this.#clock !== undefined;
  }

  /** Frames that wait for a judgement. */
  get waiting(): number {
    return this.#verifier?.waiting ?? 0;
  }

  /** All that is not on the disk is gone. */
  kill(): void {
    this.#clock?.stop();
    this.#clock = undefined;
    this.#verifier = undefined;
    this.#receipts?.close();
    for (const subscription of this.#subscriptions) subscription.stop();
    this.#subscriptions = [];
  }

  /** Harmless for one that runs. */
  start(): void {
    if (this.isOn) return;
    this.starts++;
    const { scheduler, registry, observer, brokers, witness } = this.#init;
    const publish = (topic: string, receipt: Uint8Array) => {
      for (const subscription of this.#subscriptions) subscription.publish(topic, receipt);
    };
    const clock = new LifeClock(scheduler, () => ({ state: CLOCK_SET, unix: this.now() }));
    this.#clock = clock;
    this.#receipts =
      witness && new BoardReceipts({ network: NETWORK, signer: witness, clock, every: ROUND, publish });
    this.#isReading = true;
    this.#verifier = createVerifier({
      registry,
      signatures: this.#signatures,
      clock,
      sources: brokers.map((broker, index) => (handler) => this.#subscribe(handler, broker, index)),
      openStore: this.#openStore,
      replay: true,
      patience: PATIENCE,
      room: WAITING_BYTES,
      judged: (judgement) => observer.judged(judgement, this.#isReading),
      repeated: (verdict, _, judgement) => this.#repeated(verdict, judgement),
      state() {},
      failed(error) {
        throw error; // nothing but an append can fail here, and that is the subscription's
      },
    });
    this.#isReading = false;
  }

  /** Unix milliseconds, as it believes. */
  now(): number {
    return EPOCH + this.#init.scheduler.now + this.clockOffset;
  }

  /** Judges what waits as it is. */
  giveUp(): void {
    this.#verifier?.giveUp();
  }

  /** True where the frame may be acknowledged to its broker. */
  receive(bytes: Uint8Array, topic: string, { frame }: SubscriberHandler): boolean {
    this.#given = bytes;
    try {
      frame(bytes, topic);
      return this.isOn;
    } catch {
      return false; // the disk is full: the broker keeps the frame
    }
  }

  #repeated(verdict: Verdict, judgement: Judgement | undefined): void {
    const { observer } = this.#init;
    const { kid, boot, sequence } = judgement ?? {};
    if (kid !== undefined && boot !== undefined && sequence !== undefined)
      this.#receipts?.repeated(kid, { boot, sequence });
    if (judgement !== undefined) observer.judged(judgement, false);
    else observer.repeated(verdict, frameOf(this.#given));
  }

  #subscribe(handler: SubscriberHandler, broker: Broker, index: number): Subscription {
    const { scheduler, dice, routes } = this.#init;
    const subscription = new Subscription(
      scheduler,
      dice.fork(`broker ${index} ${this.starts}`),
      broker,
      routes[index] as Route,
      (bytes, topic) => this.receive(bytes, topic, handler),
    );
    this.#subscriptions.push(subscription);
    subscription.start();
    return subscription;
  }

  /** Throws where the disk is full. */
  readonly #openStore: OpenFrameStore = (replay) => {
    const { disk } = this;
    const receipts = this.#receipts;
    const { observer } = this.#init;
    const frames = disk.frames.length;
    for (const bytes of disk.frames) {
      replay(bytes);
      receipts?.kept(frameOf(bytes), false);
    }
    const store = {
      append(bytes: Uint8Array) {
        disk.append(bytes);
        observer.kept(frameOf(bytes));
        receipts?.kept(frameOf(bytes));
      },
      replay: (again: (frame: Uint8Array) => void) => disk.frames.forEach(again),
      sync() {},
      close() {},
    };
    return { store, recovery: { frames, torn: 0 } };
  };
}

/** Whatever boards and the cheat send can be read. */
function frameOf(bytes: Uint8Array): Frame {
  return (parseFrame(bytes) as { readonly frame: Frame }).frame;
}

/**
 * Signatures that were good are good: a verifier that reads its disk again is spared the
 * arithmetic.
 */
function remembering(checker: SignatureChecker): SignatureChecker {
  const good = new Set<string>();
  return {
    sha256: (data, into, at) => checker.sha256(data, into, at),
    verify(signature, digest, publicKey) {
      const text = `${latin1(signature)}${latin1(digest)}${latin1(publicKey)}`;
      if (good.has(text)) return true;
      const isGood = checker.verify(signature, digest, publicKey);
      if (isGood) good.add(text);
      return isGood;
    },
  };
}

const latin1 = (bytes: Uint8Array) =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
